import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Window } from '../../scene.ts';
import type { ScheduledAdam } from '../adam.ts';
import type { StoredScene } from '../scene-store.ts';
import type { StepFacts } from '../trainer.ts';

/**
 * A rival of attention sampling: networks that answer for a scene in another way. All of them are trained by
 * `trainBaseline` and judged by `judgeBaseline`, as the model is: on the same scenes in the same order.
 */
export type Baseline = {
  /** All that is learnt, by the names of its parts. */
  readonly networks: Readonly<Record<string, LayersModel>>;
  readonly optimizer: ScheduledAdam;
  /** One step down the mean cross entropy of scenes of one size; a rival without attention has an entropy of 0. */
  step(scenes: readonly ShownScene[], learningRate: number): Promise<StepFacts>;
  /** Answers for one scene, and changes nothing. */
  answer(scene: StoredScene): Promise<BaselineAnswer>;
};

/** A scene as it is shown, the index of the class that it shall be answered with, and how much its loss counts. */
export type ShownScene = { readonly scene: StoredScene; readonly label: number; readonly weight: number };

export type BaselineAnswer = {
  /** [K] in the order of the experiment's classes; sums to 1. */
  readonly probabilities: readonly number[];
  /** The place that counted most, for a baseline that weighs places. */
  readonly strongest: Window | undefined;
};
