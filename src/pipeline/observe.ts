import type { FailureCode } from '../errors.ts';
import type { Failure, Outcome, ReadCost, ReadKind, Stage } from '../scene.ts';
import type { SeenScene } from './scene-in-work.ts';

/** What the pipeline tells of its work: facts, as they happen. What becomes of them (metrics, logs) is not its concern. */
export type Observe = {
  /** A lane has taken a message. */
  taken(): void;
  stage(stage: Stage, seconds: number): void;
  /** Part of a file was read, at this cost; what a try had read of a part when it failed is not told. */
  read(kind: ReadKind, cost: Readonly<ReadCost>): void;
  /** All places of a scene have been looked at: what a picture of it needs. */
  looked(scene: SeenScene): void;
  /** A try has failed at a stage, and is followed by another. */
  retrying(code: FailureCode, reason: string, stage: Failure['stage']): void;
  /** A scene met an error that is no scene's fault: a bug, worth its stack. */
  bug(error: unknown): void;
  /** A message that was taken has gone to another member of the group, which will send its outcome. */
  moved(): void;
  /** An outcome has been sent; called once for each message taken that did not move, unless the stream fails. */
  sent(outcome: Outcome, seconds: number): void;
};
