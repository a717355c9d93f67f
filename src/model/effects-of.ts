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
  /** [K] */
  readonly probabilities: readonly number[];
  /** [N] */
  readonly effects: readonly number[];
};

/** Tensors of the backend, and what their values tell once they have come from it. */
export type Concluder = {
  /** @param features [N, D] of the drawn places, in the order drawn */
  ask(features: tf.Tensor2D, draw: Draw): tf.Tensor[];
  /** @param values of those tensors, in their order */
  tell(values: readonly Float32Array[]): Conclusion;
};

/** Far above any logit: taken from one, nothing is left of it after a softmax. */
const NEVER = 1e9;

export function concluder(head: LayersModel): Concluder {
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
 * gradient is that of the log-odds in the logits alone, 1 for the answer and − softmax of the others for those. All that
 * follows from K logits a place is told without the backend, whose dozen of calls would take longer than the head.
 */
function byAffine(head: LayersModel): Concluder {
  return {
    ask(features, draw) {
      const nothing = tf.zeros([1, features.shape[1]]);
      return [applyNetwork<tf.Tensor2D>(head, tf.concat([estimated(features, draw), features, nothing]))]; // [N + 2, K]
    },
    tell([said]) {
      const [logits, ...asked] = rows(said as Float32Array, head.outputShape[1] as number) as [number[], ...number[][]];
      const ofNothing = asked.pop() as number[];
      const probabilities = softmax(logits);
      const answer = probabilities.indexOf(Math.max(...probabilities));
      const others = softmax(logits.map((logit, k) => (k === answer ? Number.NEGATIVE_INFINITY : logit)));
      const slope = others.map((share, k) => (k === answer ? 1 : -share));
      const effects = asked.map((ofPlace) =>
        sum(slope.map((s, k) => s * ((ofPlace[k] as number) - (ofNothing[k] as number)))),
      );
      return { probabilities, effects };
    },
  };
}

function byGradient(head: LayersModel): Concluder {
  return {
    ask(features, draw) {
      const expected = estimated(features, draw); //                                                         [1, D]
      const probabilities: tf.Tensor2D = tf.softmax(applyNetwork<tf.Tensor2D>(head, expected)); //           [1, K]
      const answer = answerOf(probabilities); //                                                             [1, K]
      const gradient = tf.grad((feature) => logOdds(applyNetwork(head, feature), answer))(expected); //      [1, D]
      return [probabilities, tf.sum(tf.mul(features, gradient), 1)];
    },
    tell([probabilities, effects]) {
      return { probabilities: Array.from(probabilities as Float32Array), effects: Array.from(effects as Float32Array) };
    },
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

/** Row by row, of so many columns. */
function rows(values: Float32Array, columns: number): number[][] {
  return Array.from({ length: values.length / columns }, (_, row) =>
    Array.from(values.subarray(row * columns, (row + 1) * columns)),
  );
}

function softmax(logits: readonly number[]): number[] {
  const most = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - most));
  const total = sum(powers);
  return powers.map((power) => power / total);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
