import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ShownScene } from './baseline.ts';

/**
 * A part's share of the weighted mean cross entropy of a batch of `of` scenes, Σ wᵢ·(−log pᵢ)/of, and of the share of
 * right answers. Shares of parts add up to the batch's own.
 * @param logits [B, K] of the part's scenes
 */
export function sceneLoss(
  logits: tf.Tensor2D,
  part: readonly Pick<ShownScene, 'label' | 'weight'>[],
  of: number,
): { readonly loss: tf.Scalar; readonly accuracy: tf.Scalar } {
  return tf.tidy(() => {
    const labels = tf.tensor1d(
      part.map(({ label }) => label),
      'int32',
    );
    const weights = tf.tensor1d(part.map(({ weight }) => weight));
    const wanted = tf.oneHot(labels, logits.shape[1]); //                                     [B, K]
    const losses = tf.neg(tf.sum(tf.mul(wanted, tf.logSoftmax(logits)), 1)); //               [B]
    const right = tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), labels), 'float32'));
    return { loss: tf.div(tf.sum(tf.mul(losses, weights)), of), accuracy: tf.div(right, of) };
  });
}

/** Plus a share of what the networks' descriptions say of the size of their kernels (`l2`). */
export function withPenalties(loss: tf.Scalar, networks: readonly LayersModel[], share = 1): tf.Scalar {
  const penalties = networks.flatMap((network) => network.calculateLosses());
  return penalties.reduce<tf.Scalar>((sum, penalty) => tf.add(sum, tf.mul(penalty, share)), loss);
}
