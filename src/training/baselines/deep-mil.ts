import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { applyNetwork } from '../../model/apply-network.ts';
import { type FeatureSettings, featuresOf } from '../../model/features-of.ts';
import { scoped } from '../../model/scope.ts';
import { ScheduledAdam } from '../adam.ts';
import { GradientSum } from '../gradient-sum.ts';
import type { StoredScene } from '../scene-store.ts';
import type { StepFacts } from '../trainer.ts';
import type { Baseline, ShownScene } from './baseline.ts';
import { milAttention, milPool } from './mil-attention.ts';
import { addPatchGradients, type PatchStream, patchFeatures, readPatches } from './patch-features.ts';
import { patchGrid } from './patch-grid.ts';
import { sceneLoss, withPenalties } from './scene-loss.ts';

/**
 * Deep MIL (Ilse, Tomczak and Welling 2018): looks at *all* patches of a scene, weighs their features by an attention
 * told from the features, and answers from the weighted sum. It reads and computes everything that attention sampling
 * leaves out, so it is the rival in accuracy, and the yardstick of what sampling saves.
 *
 * A scene is looked at in parts of `patchesAtOnce`, which bounds the memory and changes nothing else but the batch that
 * batch norms go by. Patches without data count as black ones do.
 *
 * Shapes: B scenes, n patches of each, D feature, K classes.
 */
export type MilNetworks = {
  /** [·, P, P, C] → [·, D] */
  readonly feature: LayersModel;
  /** [·, D] → [·, 1] */
  readonly scorer: LayersModel;
  /** [·, D] → [·, K] logits */
  readonly head: LayersModel;
};

export type MilSettings = FeatureSettings & {
  /** Side of a patch in pixels, and from one patch to the next. */
  readonly patch: number;
  readonly stride: number;
  readonly patchesAtOnce: number;
  readonly clipNorm: number;
};

export function deepMil(networks: MilNetworks, settings: MilSettings): Baseline {
  const optimizer = new ScheduledAdam(settings.clipNorm);
  return {
    networks,
    optimizer,
    async step(scenes, learningRate) {
      const { facts, sum } = await milGradients(networks, scenes, settings);
      optimizer.follow(sum.gradients, learningRate);
      sum.dispose();
      return facts;
    },
    async answer(scene) {
      const stream = streamOf(networks, [scene], settings);
      const features = await patchFeatures(stream, { training: false });
      const { attention, probabilities } = scoped(() => {
        const seen = look(networks, features, 1);
        const probabilities = Array.from(tf.softmax(seen.logits).dataSync());
        return { attention: seen.attention.dataSync(), probabilities };
      });
      features.dispose();
      return { probabilities, strongest: stream.places[tallest(attention)]?.window };
    },
  };
}

/** The gradient of the mean cross entropy in all weights; the sum is the caller's to dispose of. */
export async function milGradients(
  networks: MilNetworks,
  scenes: readonly ShownScene[],
  settings: MilSettings,
): Promise<{ facts: StepFacts; sum: GradientSum }> {
  const stream = streamOf(
    networks,
    scenes.map(({ scene }) => scene),
    settings,
  );
  const sum = new GradientSum();
  if (stream.places.length > stream.atOnce) return { facts: await inParts(networks, stream, { scenes, sum }), sum };
  const patches = await readPatches(stream.places);
  const features = () => featuresOf(networks.feature, patches, settings, { training: true });
  return { facts: differentiate(networks, features, { scenes, sum }), sum };
}

type Towards = { readonly scenes: readonly ShownScene[]; readonly sum: GradientSum };

/** Features first, then the gradient down to them, then on through the feature network, part by part. */
async function inParts(networks: MilNetworks, stream: PatchStream, { scenes, sum }: Towards): Promise<StepFacts> {
  const computed = await patchFeatures(stream, { training: true });
  const features = tf.variable(computed);
  computed.dispose();
  const above = new GradientSum();
  try {
    const facts = differentiate(networks, () => features, { scenes, sum: above });
    const { [features.name]: slopes, ...gradients } = above.gradients;
    sum.add(gradients);
    await addPatchGradients(stream, slopes as tf.Tensor2D, sum);
    return facts;
  } finally {
    above.dispose();
    features.dispose();
  }
}

/** @param features [B·n, D] */
function differentiate(networks: MilNetworks, features: () => tf.Tensor2D, { scenes, sum }: Towards): StepFacts {
  return scoped(() => {
    const facts = { accuracy: 0, entropy: 0 };
    const { value, grads } = tf.variableGrads(() => {
      const { logits, attention } = look(networks, features(), scenes.length);
      const mean = sceneLoss(logits, scenes, scenes.length);
      const surprise = tf.mul(attention, tf.log(tf.maximum(attention, 1e-30)));
      facts.accuracy = mean.accuracy.dataSync()[0] as number;
      facts.entropy = tf.neg(tf.mean(tf.sum(surprise, 1))).dataSync()[0] as number;
      return withPenalties(mean.loss, Object.values(networks));
    });
    sum.add(grads);
    return { loss: value.dataSync()[0] as number, ...facts };
  });
}

/** @param features [B·n, D] */
function look({ scorer, head }: MilNetworks, features: tf.Tensor2D, scenes: number) {
  const each: tf.Tensor3D = tf.reshape(features, [scenes, -1, features.shape[1]]); // [B, n, D]
  const attention = milAttention(scorer, each); //                                    [B, n]
  const logits = applyNetwork<tf.Tensor2D>(head, milPool(attention, each)); //         [B, K]
  return { attention, logits };
}

function streamOf({ feature }: MilNetworks, scenes: readonly StoredScene[], settings: MilSettings): PatchStream {
  const places = scenes.flatMap((scene) => patchGrid(scene, settings).map((window) => ({ scene, window })));
  return { network: feature, settings, places, atOnce: settings.patchesAtOnce };
}

/** Of the first of the largest; a scene may have more patches than a function takes arguments. */
function tallest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((best, value, i, all) => (value > (all[best] as number) ? i : best), 0);
}
