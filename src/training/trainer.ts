import * as tf from '@tensorflow/tfjs-core';
import { applyNetwork } from '../model/apply-network.ts';
import { attentionMaps } from '../model/attention.ts';
import { estimateFeature } from '../model/estimate.ts';
import { type FeatureSettings, featuresOf } from '../model/features-of.ts';
import type { Networks } from '../model/inference.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Draw } from '../model/model.ts';
import type { Raster } from '../scene.ts';
import { ScheduledAdam } from './adam.ts';

/**
 * One step of training: cross entropy of the estimated feature's class, minus a little entropy of the attention
 * (eq. 21), plus what large kernels cost where their description says so, down its gradient in all three networks.
 *
 * Shapes: B scenes, h·w cells, N places drawn, P patch side, C bands, D feature, K classes.
 */
export type Batch = {
  /** [B] of one size */
  readonly overviews: readonly Raster[];
  /** [B] of N places each */
  readonly draws: readonly Draw[];
  /** [B][N] of P × P */
  readonly patches: readonly (readonly Raster[])[];
  /** [B] index of each scene's class */
  readonly labels: readonly number[];
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
        const crossEntropy = tf.mean(tf.losses.softmaxCrossEntropy(oneHot, logits)) as tf.Scalar;
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
  const { values: map } = attentionMaps(networks.attention, batch.overviews, settings); //                     [B, h·w]
  // Cells without data have no attention, and 0 · log 0 is to be 0.
  const logAttention: tf.Tensor2D = tf.log(tf.maximum(map, LEAST)); //                                          [B, h·w]
  const entropy: tf.Scalar = tf.neg(tf.mean(tf.sum(tf.mul(map, logAttention), 1)));
  const features = featuresOf(networks.feature, batch.patches.flat(), settings, { training: true }); //              [B·N, D]
  const [scenes, places] = [batch.draws.length, (batch.draws[0] as Draw).cells.length];
  const expected = estimateFeature(
    drawn(logAttention, batch.draws),
    tf.tensor2d(batch.draws.map(({ cells }) => cells.map(({ inclusion }) => Math.log(inclusion)))),
    tf.reshape(features, [scenes, places, features.shape[1]]),
  ); //                                                                                                       [B, D]
  return { logits: applyNetwork<tf.Tensor2D>(networks.head, expected, { training: true }), entropy };
}

/** What the networks' descriptions say of the size of their kernels (`l2`). */
function penalties({ attention, feature, head }: Networks): tf.Scalar[] {
  return [attention, feature, head].flatMap((network) => network.calculateLosses());
}

/** [B, h·w] → [B, N]: of each scene, the cells that it drew. */
function drawn(values: tf.Tensor2D, draws: readonly Draw[]): tf.Tensor2D {
  const cells = values.shape[1];
  const indices = draws.map((draw, scene) => draw.cells.map(({ cell }) => scene * cells + cell));
  const places = tf.tensor1d(indices.flat(), 'int32');
  return tf.reshape(tf.gather(tf.reshape(values, [draws.length * cells]), places), [draws.length, -1]);
}

function scalar(tensor: tf.Tensor): number {
  return tensor.dataSync()[0] as number;
}
