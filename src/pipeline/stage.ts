import { concatMap, type OperatorFunction, tap } from 'rxjs';
import type { FailureCode } from '../errors.ts';
import type { Stage } from '../scene.ts';
import { deadline } from './deadline.ts';
import type { Observe } from './observe.ts';
import { cancellable } from './rx.ts';
import type { SceneInWork } from './scene-in-work.ts';

export type StageSettings = { readonly deadlineSeconds: Readonly<Record<Stage, number>>; readonly observe: Observe };

/** Reading that is late may do better next time; computing that is late will not. */
const late: Readonly<Record<Stage, FailureCode>> = {
  open: 'source.unreachable',
  attend: 'budget.exceeded',
  fetch: 'source.unreachable',
  look: 'budget.exceeded',
};

/** Turns one step of work into a stage: cancelled when nobody waits for it, bounded in time, and timed. */
export function stage<A extends SceneInWork, B>(
  name: Stage,
  { deadlineSeconds, observe }: StageSettings,
  work: (scene: A, signal: AbortSignal) => Promise<B>,
): OperatorFunction<A, B> {
  const seconds = deadlineSeconds[name];
  return concatMap((scene) => {
    const started = performance.now();
    scene.trace.stage = name;
    return cancellable((signal) => work(scene, signal)).pipe(
      deadline(name, seconds, late[name]),
      tap(() => {
        scene.trace.seconds[name] = (performance.now() - started) / 1000;
        observe.stage(name, scene.trace.seconds[name]);
      }),
    );
  });
}
