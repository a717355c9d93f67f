import type { Draw, Model, Verdict } from '../model/model.ts';
import type { AttentionMap, Failure, Raster, Scene, Stage, Window } from '../scene.ts';
import type { SceneView } from '../sources/scene-view.ts';

/** What a scene has become after each stage; a stage adds to it and changes nothing. */
export type SceneInWork = { readonly scene: Scene; readonly trace: Trace };
export type OpenScene = SceneInWork & SceneView;
export type AttendedScene = OpenScene & { readonly attention: AttentionMap };
export type DrawnScene = AttendedScene & { readonly draw: Draw; readonly windows: readonly Window[] };
export type FetchedScene = DrawnScene & {
  readonly patches: readonly Raster[];
  /** Tiles of the level looked at that were read, over all its tiles. */
  readonly share: number;
};
export type SeenScene = FetchedScene & { readonly verdict: Verdict };

/**
 * One step of the work on a scene.
 * @param signal aborted once the result is no longer wanted
 */
export type StageOf<A, B> = (scene: A, signal: AbortSignal) => Promise<B>;

/** How a scene fares: the one thing that outlives a failed try, and so the one thing that is written to. */
export type Trace = {
  stage: Failure['stage'];
  attempts: number;
  /** When a try first failed, RFC 3339. */
  firstFailure?: string;
  /** Of the latest try. */
  readonly seconds: Record<Stage, number>;
  readonly startedAt: number;
};

export function newTrace(): Trace {
  const seconds = { open: 0, attend: 0, fetch: 0, look: 0 };
  return { stage: 'message', attempts: 1, seconds, startedAt: performance.now() };
}

/** What the stages ask of a model. */
export type Attends = Pick<Model, 'attend'>;
export type Looks = Pick<Model, 'look'>;
