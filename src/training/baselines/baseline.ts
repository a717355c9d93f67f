import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Window } from '../../scene.ts';
import type { ScheduledAdam } from '../adam.ts';
import type { StoredScene } from '../scene-store.ts';

/**
 * A rival of attention sampling: networks that answer for a scene in another way. All of them are trained by
 * `trainBaseline` and judged by `judgeBaseline`, as the model is: on the same scenes in the same order.
 */
export type Baseline = {
  /** All that is learnt, by the names of its parts. */
  readonly networks: Readonly<Record<string, LayersModel>>;
  readonly optimizer: ScheduledAdam;
  /** One step down the mean cross entropy of scenes of one size. */
  step(scenes: readonly ShownScene[], learningRate: number): Promise<BaselineFacts>;
  /** Answers for one scene, and changes nothing. */
  answer(scene: StoredScene): Promise<BaselineAnswer>;
};

/** A scene as it is shown, the index of the class that it shall be answered with, and how much its loss counts. */
export type ShownScene = { readonly scene: StoredScene; readonly label: number; readonly weight: number };

/** Means over the batch, before the step. */
export type BaselineFacts = { readonly loss: number; readonly accuracy: number };

export type BaselineAnswer = {
  /** [K] in the order of the experiment's classes; sums to 1. */
  readonly probabilities: readonly number[];
  /** The place that counted most, for a baseline that weighs places. */
  readonly strongest: Window | undefined;
};
