import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { applyNetwork } from '../../model/apply-network.ts';

/**
 * The attention of Deep MIL (Ilse, Tomczak and Welling 2018): how much each of a scene's patches counts, told from the
 * patch's own feature h, where attention sampling tells it from the overview.
 *
 *     plain (eq. 8)   a = softmax over patches of wᵀ tanh(V h)
 *     gated (eq. 9)   a = softmax over patches of wᵀ (tanh(V h) ⊙ sigmoid(U h))
 *
 * Shapes: B scenes, n patches of each, D feature, L hidden.
 */
export type MilScorer = {
  /** L, the rows of V and U. */
  readonly hidden: number;
  readonly gated: boolean;
  readonly seed: number;
};

/** @returns the network that scores a patch before the softmax, [·, D] → [·, 1]; V, U and w have no bias, as in the paper */
export function milScorer(feature: number, { hidden, gated, seed }: MilScorer): layers.LayersModel {
  const input = layers.input({ shape: [feature] });
  const dense = (name: string, units: number, activation: 'tanh' | 'sigmoid' | 'linear', offset: number) => {
    const kernelInitializer = layers.initializers.glorotNormal({ seed: seed + offset });
    return layers.layers.dense({ name: `scorer-${name}`, units, activation, useBias: false, kernelInitializer });
  };
  const tanh = dense('v', hidden, 'tanh', 0).apply(input) as layers.SymbolicTensor; // one input, one output
  const gate = () => dense('u', hidden, 'sigmoid', 1).apply(input) as layers.SymbolicTensor;
  const weighed = gated ? layers.layers.multiply().apply([tanh, gate()]) : tanh;
  const score = dense('w', 1, 'linear', 2).apply(weighed) as layers.SymbolicTensor;
  return layers.model({ name: 'scorer', inputs: input, outputs: score });
}

/**
 * @param features [B, n, D]
 * @returns [B, n], each scene's sums to 1
 */
export function milAttention(scorer: layers.LayersModel, features: tf.Tensor3D): tf.Tensor2D {
  const [scenes, patches, width] = features.shape;
  const scores = applyNetwork<tf.Tensor2D>(scorer, tf.reshape(features, [scenes * patches, width])); // [B·n, 1]
  return tf.softmax(tf.reshape(scores, [scenes, patches]));
}

/** Σ a·h over each scene's patches: [B, n] and [B, n, D] → [B, D] */
export function milPool(attention: tf.Tensor2D, features: tf.Tensor3D): tf.Tensor2D {
  return tf.sum(tf.mul(tf.expandDims(attention, 2), features), 1);
}
