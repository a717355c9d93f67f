import { type FailureCode, SceneError } from '../errors.ts';
import type { Stage } from '../scene.ts';
import { within } from '../within.ts';
import type { Observe } from './observe.ts';
import type { SceneInWork } from './scene-in-work.ts';

export type StageSettings = { readonly deadlineSeconds: Readonly<Record<Stage, number>>; readonly observe: Observe };

/**
 * One step of the work on a scene.
 * @param signal aborted once the result is no longer wanted
 */
export type StageOf<A, B> = (scene: A, signal: AbortSignal) => Promise<B>;

/** Reading that is late may do better next time; computing that is late will not. */
const late: Readonly<Record<Stage, FailureCode>> = {
  open: 'source.unreachable',
  attend: 'budget.exceeded',
  fetch: 'source.unreachable',
  look: 'budget.exceeded',
};

/** Turns a step of work into a stage: not begun when nobody waits for it any more, bounded in time, and timed. */
export function stage<A extends SceneInWork, B>(
  name: Stage,
  { deadlineSeconds, observe }: StageSettings,
  work: StageOf<A, B>,
): StageOf<A, B> {
  const seconds = deadlineSeconds[name];
  const lateness = (message: string) => new SceneError(late[name], message);
  return async (scene, signal) => {
    signal.throwIfAborted();
    const { trace } = scene;
    const started = performance.now();
    trace.stage = name;
    const result = await within(seconds, work(scene, signal), name, lateness);
    const took = (performance.now() - started) / 1000;
    trace.seconds[name] = took;
    observe.stage(name, took);
    return result;
  };
}
