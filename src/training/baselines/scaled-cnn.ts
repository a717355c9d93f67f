import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { applyNetwork } from '../../model/apply-network.ts';
import type { Manifest } from '../../model/manifest.ts';
import { pixels } from '../../model/pixels.ts';
import { scoped } from '../../model/scope.ts';
import type { Raster } from '../../scene.ts';
import { ScheduledAdam } from '../adam.ts';
import { GradientSum } from '../gradient-sum.ts';
import type { StoredScene } from '../scene-store.ts';
import type { Baseline, ShownScene } from './baseline.ts';
import { sceneLoss, withPenalties } from './scene-loss.ts';
import { shrinkRaster } from './shrink-raster.ts';

/**
 * A plain convolutional network on the whole scene, made smaller: what can be told without looking closely anywhere, or,
 * at scale 1, by computing everything.
 *
 * Shapes: B scenes, K classes.
 */
export type CnnSettings = Pick<Manifest, 'bands'> & {
  /** Size that the network sees over that of the scene's level of patches, at most 1. */
  readonly scale: number;
  /** Scenes that run through the network together; it bounds the memory, and is the batch of batch norms. */
  readonly scenesAtOnce: number;
  readonly clipNorm: number;
};

/**
 * The scale of the overview that scenes are to be loaded with: the whole factor next to what the network sees, which is
 * then made from it.
 */
export function overviewScale(scale: number): number {
  return Math.max(1, Math.floor(1 / scale + 1e-9));
}

/** @param network [·, height, width, C] → [·, K] logits */
export function scaledCnn(network: LayersModel, settings: CnnSettings): Baseline {
  const optimizer = new ScheduledAdam(settings.clipNorm);
  return {
    networks: { cnn: network },
    optimizer,
    async step(scenes, learningRate) {
      const sum = new GradientSum();
      const facts = { loss: 0, accuracy: 0, entropy: 0 };
      for (let first = 0; first < scenes.length; first += settings.scenesAtOnce) {
        const part = scenes.slice(first, first + settings.scenesAtOnce);
        const { loss, accuracy } = differentiate(network, part, { settings, of: scenes.length, sum });
        facts.loss += loss;
        facts.accuracy += accuracy;
      }
      optimizer.follow(sum.gradients, learningRate);
      sum.dispose();
      return facts;
    },
    async answer(scene) {
      const probabilities = scoped(() => {
        const logits = applyNetwork<tf.Tensor2D>(network, pixels([seen(scene, settings.scale)], settings.bands));
        return Array.from(tf.softmax(logits).dataSync());
      });
      return { probabilities, strongest: undefined };
    },
  };
}

type Towards = { readonly settings: CnnSettings; readonly of: number; readonly sum: GradientSum };

/** Adds the part's share of the gradient of the mean over all `of` scenes; returns its share of the facts. */
function differentiate(network: LayersModel, part: readonly ShownScene[], { settings, of, sum }: Towards) {
  return scoped(() => {
    let accuracy = 0;
    const { value, grads } = tf.variableGrads(() => {
      const rasters = part.map(({ scene }) => seen(scene, settings.scale));
      const logits = applyNetwork<tf.Tensor2D>(network, pixels(rasters, settings.bands), { training: true }); // [B, K]
      const share = sceneLoss(logits, part, of);
      accuracy = share.accuracy.dataSync()[0] as number;
      return withPenalties(share.loss, [network], part.length / of);
    });
    sum.add(grads);
    return { loss: value.dataSync()[0] as number, accuracy };
  });
}

/** What the network sees of a scene that was loaded with `overviewScale`. */
function seen({ overview, width, height }: StoredScene, scale: number): Raster {
  return shrinkRaster(overview, {
    width: Math.min(Math.max(Math.round(width * scale), 1), overview.width),
    height: Math.min(Math.max(Math.round(height * scale), 1), overview.height),
  });
}
