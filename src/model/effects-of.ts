import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { applyNetwork } from './apply-network.ts';
import { combine } from './estimators/combine.ts';
import { estimators } from './estimators/estimators.ts';
import type { Draw } from './model.ts';

/**
 * The answer, and to first order the effect yᵢ of each place on its log-odds, which are a constant plus Σ wᵢ·yᵢ over the
 * places: yᵢ = ∇(log-odds)·fᵢ, with the gradient at the estimated feature F̂.
 *
 * Shapes: N places drawn, D numbers in a feature, K classes.
 */
export type Conclusion = {
  /** [1, K] */
  readonly probabilities: tf.Tensor2D;
  /** [N] */
  readonly effects: tf.Tensor1D;
};

/**
 * @param features [N, D] of the drawn places, in the order drawn
 */
export type Conclude = (features: tf.Tensor2D, draw: Draw) => Conclusion;

/** Far above any logit: taken from one, nothing is left of it after a softmax. */
const NEVER = 1e9;

export function concluder(head: LayersModel): Conclude {
  return isAffine(head) ? byAffine(head) : byGradient(head);
}

/** Whether a head is one of dense layers without activations: K sums of weighted features, and constants. */
function isAffine(head: LayersModel): boolean {
  return head.layers.every((layer) => {
    const kind = layer.getClassName();
    return kind === 'InputLayer' || (kind === 'Dense' && layer.getConfig()['activation'] === 'linear');
  });
}

/**
 * An affine head z(f) = Wᵀf + b is asked for F̂, every place and nothing at all in one go: with z(fᵢ) − z(0) for Wᵀfᵢ the
 * gradient is that of the log-odds in the logits alone, 1 for the answer and − softmax of the others for those. Going back
 * through the head by tfjs would take four times as long, a tenth of a scene of few, small patches.
 */
function byAffine(head: LayersModel): Conclude {
  return (features, draw) => {
    const [places, size] = features.shape;
    const asked = tf.concat([estimated(features, draw), features, tf.zeros([1, size])]); //             [N + 2, D]
    const said = applyNetwork<tf.Tensor2D>(head, asked); //                                             [N + 2, K]
    const [logits, ofPlaces, ofNothing] = tf.split(said, [1, places, 1]) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
    const probabilities: tf.Tensor2D = tf.softmax(logits); //                                                [1, K]
    const answer = answerOf(probabilities); //                                                               [1, K]
    const slope = tf.sub(answer, tf.softmax(tf.sub(logits, tf.mul(answer, NEVER)))); //                      [1, K]
    return { probabilities, effects: tf.sum(tf.mul(tf.sub(ofPlaces, ofNothing), slope), 1) };
  };
}

function byGradient(head: LayersModel): Conclude {
  return (features, draw) => {
    const expected = estimated(features, draw); //                                                           [1, D]
    const probabilities: tf.Tensor2D = tf.softmax(applyNetwork<tf.Tensor2D>(head, expected)); //             [1, K]
    const answer = answerOf(probabilities); //                                                               [1, K]
    const gradient = tf.grad((feature) => logOdds(applyNetwork(head, feature), answer))(expected); //        [1, D]
    return { probabilities, effects: tf.sum(tf.mul(features, gradient), 1) };
  };
}

/** F̂: [1, D] */
function estimated(features: tf.Tensor2D, { estimator, cells }: Draw): tf.Tensor2D {
  const attention = tf.tensor2d([cells.map((cell) => cell.attention)]); //                                   [1, N]
  const coefficients = tf.tensor2d([cells.map((cell) => cell.coefficient)]); //                              [1, N]
  return combine(attention, coefficients, { features: tf.expandDims(features), form: estimators[estimator].form });
}

/** The likeliest class: [1, K], 1 for it and 0 for the others. */
function answerOf(probabilities: tf.Tensor2D): tf.Tensor2D {
  return tf.oneHot(tf.argMax(probabilities, 1) as tf.Tensor1D, probabilities.shape[1]) as tf.Tensor2D;
}

/** log p/(1 − p) of one class, from logits [1, K]: exact where p itself would have been rounded to 1. */
function logOdds(logits: tf.Tensor, chosen: tf.Tensor): tf.Scalar {
  const others = tf.logSumExp(tf.sub(logits, tf.mul(chosen, NEVER)));
  return tf.sub(tf.sum(tf.mul(logits, chosen)), others);
}
