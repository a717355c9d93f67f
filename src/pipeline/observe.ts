import type { FailureCode } from '../errors.ts';
import type { Outcome, Stage } from '../scene.ts';
import type { SeenScene } from './scene-in-work.ts';

/** What the pipeline tells of its work: facts, as they happen. What becomes of them (metrics, logs) is not its concern. */
export type Observe = {
  /** A lane has taken a message. */
  taken(): void;
  stage(stage: Stage, seconds: number): void;
  /** All places of a scene have been looked at: what a picture of it needs. */
  looked(scene: SeenScene): void;
  retrying(code: FailureCode, reason: string): void;
  /** A scene met an error that is no scene's fault: a bug, worth its stack. */
  bug(error: unknown): void;
  /** An outcome has been sent; called once for each message taken, unless the stream fails. */
  sent(outcome: Outcome, seconds: number): void;
};
