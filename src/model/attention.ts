import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Raster } from '../scene.ts';
import { applyNetwork } from './apply-network.ts';
import { borders, windowStack } from './geometry.ts';
import type { Manifest } from './manifest.ts';
import { mirroredPixels } from './pixels.ts';

/**
 * Attends to overviews of one size: a probability distribution over the cells of each scene, a little of it spread
 * evenly so that no cell is ever out of reach: a ← (1 − s)·softmax(logits) + s/cells.
 *
 * Shapes: B overviews, a grid of h × w cells.
 */
export type AttentionMaps = {
  /** [B, h·w] row by row, each scene's sums to 1 */
  readonly values: tf.Tensor2D;
  readonly width: number;
  readonly height: number;
};

export function attentionMaps(
  network: LayersModel,
  overviews: readonly Raster[],
  { bands, attention: { smoothing } }: Pick<Manifest, 'bands' | 'attention'>,
): AttentionMaps {
  const border = borders(windowStack(network), overviews[0] as Raster);
  const logits = applyNetwork<tf.Tensor4D>(network, mirroredPixels(overviews, bands, border)); // [B, h, w, 1]
  const [scenes, height, width] = logits.shape;
  const peaked: tf.Tensor2D = tf.softmax(tf.reshape(logits, [scenes, height * width])); //         [B, h·w]
  const values: tf.Tensor2D = tf.add(tf.mul(peaked, 1 - smoothing), smoothing / (height * width));
  return { values, width, height };
}
