import * as tf from '@tensorflow/tfjs-core';

/** Most bytes of tensors that were held at once while something ran in this thread. */
export type TensorPeak<T> = {
  readonly result: T;
  /** All of them, the weights of networks too. */
  readonly bytes: number;
  /** What came on top of what was held before. */
  readonly added: number;
};

/**
 * Looks after every kernel, inside of network passes and gradients too. It slows what it watches: time things without.
 * Not for two things at once.
 */
export async function tensorPeak<T>(work: () => Promise<T>): Promise<TensorPeak<T>> {
  // Else every result is copied out of the backend, to look for values that are no numbers.
  const checked = tf.env().getBool(CHECK);
  tf.env().set(CHECK, false);
  try {
    const before = tf.memory().numBytes;
    const results: T[] = [];
    const { peakBytes } = await tf.profile(async () => {
      results.push(await work());
      return [];
    });
    const bytes = Math.max(peakBytes, before);
    return { result: results[0] as T, bytes, added: bytes - before };
  } finally {
    tf.env().set(CHECK, checked);
  }
}

const CHECK = 'CHECK_COMPUTATION_FOR_ERRORS';
