import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { AttentionMap, Raster } from '../scene.ts';
import { applyNetwork } from './apply-network.ts';
import { attentionInStrips } from './attention.ts';
import { selfNormalisedWeights } from './estimate.ts';
import type { Manifest } from './manifest.ts';
import type { Draw, Verdict } from './model.ts';
import { pixels } from './pixels.ts';
import { scoped } from './scope.ts';

/** A model's three networks, loaded in this thread. */
export type Networks = { readonly attention: LayersModel; readonly feature: LayersModel; readonly head: LayersModel };

/** Runs a model's networks synchronously: rasters in, numbers out, no tensor left behind. */
export type Inference = {
  attend(overview: Raster): AttentionMap;
  look(patches: readonly Raster[], draw: Draw): Verdict;
};

export function inference(networks: Networks, settings: Pick<Manifest, 'bands' | 'attention'>): Inference {
  return {
    attend: (overview) =>
      scoped(() => {
        const { values, width, height } = attentionInStrips(networks.attention, overview, settings);
        return { values: Float32Array.from(values.dataSync()), width, height };
      }),
    look: (patches, draw) =>
      scoped(() => {
        const features = applyNetwork<tf.Tensor2D>(networks.feature, pixels(patches, settings.bands)); //   [N, D]
        return conclude(features, networks.head, draw);
      }),
  };
}

/**
 * The answer, and what each place did to it. To first order the log-odds of the answer are a sum over places of
 * influences uᵢ = w̃ᵢ·∇(log-odds)·(fᵢ − F̂). They are the places' pulls, and give the standard error by the delta method:
 * given κ the places were drawn independently with probabilities qᵢ, so Var ≈ Σ (1 − qᵢ)·uᵢ².
 *
 * @param features [N, D] of the drawn places, in the order drawn
 */
function conclude(features: tf.Tensor2D, head: LayersModel, draw: Draw): Verdict {
  const weights = tf.tensor2d([selfNormalisedWeights(draw.cells)]); //                           [1, N]
  const expected: tf.Tensor2D = tf.matMul(weights, features); //                                 [1, D]
  const logits = applyNetwork<tf.Tensor2D>(head, expected); //                                          [1, K]
  const probabilities = Array.from(tf.softmax(logits).dataSync());
  const answer = probabilities.indexOf(Math.max(...probabilities));
  const gradient = tf.grad((feature) => logOdds(applyNetwork(head, feature), answer))(expected); //     [1, D]
  const slopes = tf.sum(tf.mul(tf.sub(features, expected), gradient), 1); //                     [N]
  const pulls = Array.from(tf.mul(slopes, tf.squeeze<tf.Tensor1D>(weights, [0])).dataSync()); // [N]
  const variance = draw.cells.reduce((sum, { inclusion }, i) => sum + (1 - inclusion) * (pulls[i] as number) ** 2, 0);
  const p = probabilities[answer] as number;
  const bound = Math.sqrt(p * (1 - p)); // nothing between 0 and 1 with mean p spreads further
  return { probabilities, pulls, standardError: Math.min(bound, p * (1 - p) * Math.sqrt(variance)) };
}

/** log p/(1 − p) of one class, from logits [1, K]: exact where p itself would have been rounded to 1. */
function logOdds(logits: tf.Tensor, answer: number): tf.Scalar {
  const chosen = tf.oneHot(tf.tensor1d([answer], 'int32'), logits.shape[1] as number);
  const others = tf.logSumExp(tf.sub(logits, tf.mul(chosen, 1e9)));
  return tf.sub(tf.sum(tf.mul(logits, chosen)), others);
}
