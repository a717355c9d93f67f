import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/**
 * Runs a network with one output, which gives one tensor; its rank is the caller's to know.
 * @param options.training batch norms go by the batch, and take note of it, instead of by what they noted
 */
export function applyNetwork<T extends tf.Tensor>(
  network: LayersModel,
  input: tf.Tensor | tf.Tensor[],
  { training = false }: { readonly training?: boolean } = {},
): T {
  return network.apply(input, { training }) as T;
}
