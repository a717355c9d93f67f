import * as tf from '@tensorflow/tfjs-core';
import type { DrawnCell } from './model.ts';

/**
 * The expected feature Σ a·f of a scene, estimated from N places drawn by Gumbel-top-k with threshold κ (`draw.ts`).
 *
 * Shapes: B scenes in a batch, N places drawn, D numbers in a feature.
 */

/**
 * Importance weights aᵢ/qᵢ of a draw. With them Σ wᵢ·fᵢ is unbiased; scaled to sum 1 they give the estimate below.
 */
export function importanceWeights(cells: readonly DrawnCell[]): number[] {
  return cells.map(({ attention, inclusion }) => attention / inclusion);
}

/** Importance weights scaled to sum 1: the bias this brings is O(1/N), the variance it saves is much larger. */
export function selfNormalisedWeights(cells: readonly DrawnCell[]): number[] {
  const weights = importanceWeights(cells);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/**
 * F̂ = Σᵢ w̃ᵢ·fᵢ with w̃ = softmax(log aᵢ − log qᵢ) over the draw. Differentiable in both arguments; qᵢ is a constant of
 * the draw, so automatic differentiation gives the right gradient for the attention (no custom gradient is needed).
 *
 * @param logAttention [B, N]    log aᵢ of the drawn places
 * @param logInclusion [B, N]    log qᵢ, constant
 * @param features     [B, N, D]
 * @returns            [B, D]
 */
export function estimateFeature(
  logAttention: tf.Tensor2D,
  logInclusion: tf.Tensor2D,
  features: tf.Tensor3D,
): tf.Tensor2D {
  return tf.tidy(() => {
    const weights = tf.softmax(tf.sub(logAttention, logInclusion)); //  [B, N]
    return tf.sum(tf.mul(tf.expandDims(weights, 2), features), 1); //   [B, D]
  });
}
