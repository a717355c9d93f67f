import * as tf from '@tensorflow/tfjs-core';

/**
 * The gradient of ReLU, dy where x > 0, as two comparisons and a product on any backend. The one that tfjs registers
 * goes through its `Step`, for which tfjs-node fills an array of ones in JavaScript, as large as the layer: a fifth of
 * the time of a step of training. The numbers are the same.
 */
export function registerQuickGradients(): void {
  tf.registerGradient({
    kernelName: tf.Relu,
    inputsToSave: ['x'],
    gradFunc: (dy, [x]) => ({
      x: () => tf.mul(dy as tf.Tensor, tf.cast(tf.greater(x as tf.Tensor, 0), 'float32')),
    }),
  });
}
