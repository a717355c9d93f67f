import * as tf from '@tensorflow/tfjs-core';
import { applyNetwork } from '../model/apply-network.ts';
import { attentionMaps, type ShownOverviews } from '../model/attention.ts';
import { type FeatureSettings, featuresOf } from '../model/features-of.ts';
import type { Networks } from '../model/inference.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Draw } from '../model/model.ts';
import type { Raster } from '../scene.ts';
import { ScheduledAdam } from './adam.ts';
import { estimateBatch } from './estimate-batch.ts';

/**
 * One step of training: cross entropy of the estimated feature's class, minus a little entropy of the attention
 * (eq. 21), plus what large kernels cost where their description says so, down its gradient in all three networks.
 *
 * Shapes: B scenes, h·w cells, N places drawn (M in all scenes), P patch side, C bands, D feature, K classes.
 */
export type Batch = {
  readonly overviews: ShownOverviews;
  /** [B] of one estimator, N places each or less */
  readonly draws: readonly Draw[];
  /** [B][N] of P × P */
  readonly patches: readonly (readonly Raster[])[];
  /** [B] index of each scene's class */
  readonly labels: readonly number[];
  /** [B] how much each scene counts in the loss */
  readonly weights: readonly number[];
};

/** Means over the batch; entropy in nats. */
export type StepFacts = { readonly loss: number; readonly accuracy: number; readonly entropy: number };

export type Trainer = {
  readonly optimizer: ScheduledAdam;
  step(batch: Batch, learningRate: number): StepFacts;
};

export type TrainerSettings = FeatureSettings &
  Pick<Manifest, 'attention'> & {
    readonly clipNorm: number;
    readonly entropy: number;
    /** How the features of a batch are estimated; other gradients than ours are for studies. */
    readonly estimate?: typeof estimateBatch | undefined;
  };

export function trainer(networks: Networks, settings: TrainerSettings): Trainer {
  const optimizer = new ScheduledAdam(settings.clipNorm);
  return {
    optimizer,
    step(batch, learningRate) {
      const facts = { accuracy: 0, entropy: 0 };
      const loss = optimizer.descend(() => {
        const { logits, entropy } = forward(networks, settings, batch);
        const labels = tf.tensor1d([...batch.labels], 'int32');
        facts.accuracy = scalar(tf.mean(tf.equal(tf.argMax(logits, 1), labels)));
        facts.entropy = scalar(entropy);
        const oneHot = tf.oneHot(labels, logits.shape[1]); //                                     [B, K]
        const weights = tf.tensor1d([...batch.weights]); //                                       [B]
        const losses = tf.losses.softmaxCrossEntropy(oneHot, logits, undefined, undefined, tf.Reduction.NONE); // [B]
        const crossEntropy: tf.Scalar = tf.mean(tf.mul(losses, weights));
        return penalties(networks).reduce<tf.Scalar>(
          (sum, penalty) => tf.add(sum, penalty),
          tf.sub(crossEntropy, tf.mul(entropy, settings.entropy)),
        );
      }, learningRate);
      return { loss, ...facts };
    },
  };
}

/** Smaller than any attention that a cell with data has. */
const LEAST = 1e-30;

function forward(networks: Networks, settings: TrainerSettings, batch: Batch) {
  const { values: map } = attentionMaps(networks.attention, batch.overviews, settings.attention); //           [B, h·w]
  // Cells without data have no attention, and 0 · log 0 is to be 0.
  const logAttention: tf.Tensor2D = tf.log(tf.maximum(map, LEAST)); //                                          [B, h·w]
  const entropy: tf.Scalar = tf.neg(tf.mean(tf.sum(tf.mul(map, logAttention), 1)));
  const features = featuresOf(networks.feature, batch.patches.flat(), settings, { training: true }); //           [M, D]
  const expected = (settings.estimate ?? estimateBatch)(map, features, batch.draws); //                         [B, D]
  return { logits: applyNetwork<tf.Tensor2D>(networks.head, expected, { training: true }), entropy };
}

/** What the networks' descriptions say of the size of their kernels (`l2`). */
function penalties({ attention, feature, head }: Networks): tf.Scalar[] {
  return [attention, feature, head].flatMap((network) => network.calculateLosses());
}

function scalar(tensor: tf.Tensor): number {
  return tensor.dataSync()[0] as number;
}
