import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { AttentionMap, Raster } from '../scene.ts';
import { applyNetwork } from './apply-network.ts';
import { attentionInStrips } from './attention.ts';
import { combine } from './estimators/combine.ts';
import { estimators } from './estimators/estimators.ts';
import { type FeatureSettings, featuresOf } from './features-of.ts';
import type { Manifest } from './manifest.ts';
import type { Draw, Verdict } from './model.ts';
import { scoped } from './scope.ts';

/** A model's three networks, loaded in this thread. */
export type Networks = { readonly attention: LayersModel; readonly feature: LayersModel; readonly head: LayersModel };

/** Runs a model's networks synchronously: rasters in, numbers out, no tensor left behind. */
export type Inference = {
  attend(overview: Raster): AttentionMap;
  look(patches: readonly Raster[], draw: Draw): Verdict;
};

export function inference(networks: Networks, settings: FeatureSettings & Pick<Manifest, 'attention'>): Inference {
  return {
    attend: (overview) =>
      scoped(() => {
        const { values, width, height } = attentionInStrips(networks.attention, overview, settings);
        return { values: Float32Array.from(values.dataSync()), width, height };
      }),
    look: (patches, draw) =>
      scoped(() => {
        const features = featuresOf(networks.feature, patches, settings); //   [N, D]
        return conclude(features, networks.head, draw);
      }),
  };
}

/**
 * The answer, and what each place did to it. To first order the log-odds of the answer are a constant plus Σ wᵢ·yᵢ over the
 * places, yᵢ = ∇(log-odds)·fᵢ. Pulls are its parts w̃ᵢ·(yᵢ − ȳ) about the mean, with weights that sum to 1: what a little
 * more weight on a place would do. From the same parts the estimator tells the variance that its draws have, and the
 * delta method the standard error of the probability.
 *
 * @param features [N, D] of the drawn places, in the order drawn
 */
function conclude(features: tf.Tensor2D, head: LayersModel, { estimator, cells }: Draw): Verdict {
  const { form, variance } = estimators[estimator];
  const attention = tf.tensor2d([cells.map((cell) => cell.attention)]); //                              [1, N]
  const coefficients = tf.tensor2d([cells.map((cell) => cell.coefficient)]); //                         [1, N]
  const expected = combine(attention, coefficients, { features: tf.expandDims(features), form }); //    [1, D]
  const logits = applyNetwork<tf.Tensor2D>(head, expected); //                                          [1, K]
  const probabilities = Array.from(tf.softmax(logits).dataSync());
  const answer = probabilities.indexOf(Math.max(...probabilities));
  const gradient = tf.grad((feature) => logOdds(applyNetwork(head, feature), answer))(expected); //     [1, D]
  const effects = tf.sum(tf.mul(features, gradient), 1).dataSync(); //                                  [N]
  const weights = cells.map((cell) => cell.coefficient * cell.attention);
  const pulls = pullsOf(weights, effects);
  const parts = form === 'normalised' ? pulls : weights.map((weight, i) => weight * (effects[i] as number));
  return {
    probabilities,
    pulls,
    standardError: standardErrorOf(probabilities[answer] as number, variance(cells, parts)),
  };
}

/** [N] w̃ᵢ·(yᵢ − ȳ), which sum to 0. */
function pullsOf(weights: readonly number[], effects: Float32Array | Int32Array | Uint8Array): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = weights.reduce((sum, weight, i) => sum + weight * (effects[i] as number), 0) / total;
  return weights.map((weight, i) => (weight / total) * ((effects[i] as number) - mean));
}

/** Of a probability whose log-odds have the given variance. Nothing between 0 and 1 with mean p spreads further than √(p(1 − p)). */
function standardErrorOf(p: number, variance: number): number {
  const slope = p * (1 - p);
  return variance < 1 / slope ? slope * Math.sqrt(variance) : Math.sqrt(slope);
}

/** log p/(1 − p) of one class, from logits [1, K]: exact where p itself would have been rounded to 1. */
function logOdds(logits: tf.Tensor, answer: number): tf.Scalar {
  const chosen = tf.oneHot(tf.tensor1d([answer], 'int32'), logits.shape[1] as number);
  const others = tf.logSumExp(tf.sub(logits, tf.mul(chosen, 1e9)));
  return tf.sub(tf.sum(tf.mul(logits, chosen)), others);
}
