import * as tf from '@tensorflow/tfjs-core';

/**
 * Turns the attention network's logits into a probability distribution over the cells of each scene, a little of it
 * spread evenly so that no cell is ever out of reach: a ← (1 − s)·softmax(logits) + s/cells.
 *
 * @param logits [B, h, w, 1]
 * @returns      [B, h·w] row by row, sums to 1
 */
export function attentionOf(logits: tf.Tensor4D, smoothing: number): tf.Tensor2D {
  return tf.tidy(() => {
    const [scenes, height, width] = logits.shape;
    const peaked: tf.Tensor2D = tf.softmax(tf.reshape(logits, [scenes, height * width])); // [B, h·w]
    return tf.add(tf.mul(peaked, 1 - smoothing), smoothing / (height * width));
  });
}
