import type * as tf from '@tensorflow/tfjs-core';

/**
 * The numbers of a tensor, which is freed. Not in a scope of tfjs: scopes are one stack for all, and would take in what
 * others compute while this waits for the memory of a GPU.
 */
export async function takeValues(tensor: tf.Tensor): Promise<Float32Array> {
  try {
    return Float32Array.from(await tensor.data());
  } finally {
    tensor.dispose();
  }
}
