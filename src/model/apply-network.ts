import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** Runs a network with one input and one output, which gives one tensor; its rank is the caller's to know. */
export function applyNetwork<T extends tf.Tensor>(network: LayersModel, input: tf.Tensor): T {
  return network.apply(input) as T;
}
