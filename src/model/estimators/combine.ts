import * as tf from '@tensorflow/tfjs-core';
import type { Form } from './estimator.ts';

/**
 * The expected feature Σ a·f of scenes, estimated from the places that each drew: F̂ = Σᵢ wᵢ·fᵢ with wᵢ = cᵢ·aᵢ, in the
 * normalised form over their sum, which is softmax(log aᵢ + log cᵢ). Training and inference share it. Differentiable in
 * attention and features; coefficients are constants of the draw, so no custom gradient is needed.
 *
 * Shapes: B scenes in a batch, N places drawn, D numbers in a feature.
 *
 * @param attention    [B, N]
 * @param coefficients [B, N] 0 where a scene has drawn fewer than N places
 * @param features     [B, N, D]
 * @returns            [B, D]
 */
export function combine(
  attention: tf.Tensor2D,
  coefficients: tf.Tensor2D,
  { features, form }: { features: tf.Tensor3D; form: Form },
): tf.Tensor2D {
  return tf.tidy(() => tf.sum(tf.mul(tf.expandDims(weigh(attention, coefficients, form), 2), features), 1));
}

/**
 * What each place counts in the estimate.
 * @returns [B, N]
 */
export function weigh(attention: tf.Tensor2D, coefficients: tf.Tensor2D, form: Form): tf.Tensor2D {
  return tf.tidy(() => {
    const weights: tf.Tensor2D = tf.mul(attention, coefficients);
    return form === 'linear' ? weights : tf.div(weights, tf.sum(weights, 1, true));
  });
}
