import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { lostNumbers } from './lost-numbers.ts';

/**
 * Weights that a step has made useless are neither judged nor kept: scenes would be blamed for them, and a run would go
 * on from them in vain. Those whose squares are no numbers are, for layers multiply them with one another.
 * @throws {Error} where the networks have such weights since that step
 */
export function expectNumbers(networks: Readonly<Record<string, LayersModel>>, step: number): void {
  const weights = Object.values(networks).flatMap((network) => network.getWeights());
  const [sum] = tf.tidy(() => tf.addN(weights.map((weight) => tf.sum(tf.square(weight)))).dataSync());
  if (!Number.isFinite(sum)) throw lostNumbers('update', step);
}
