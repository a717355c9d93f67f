import * as tf from '@tensorflow/tfjs-core';

/** Runs `work` and frees every tensor it made. Like `tf.tidy`, for work whose result is plain numbers. */
export function scoped<T>(work: () => T): T {
  tf.engine().startScope();
  try {
    return work();
  } finally {
    tf.engine().endScope();
  }
}
