import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Raster } from '../scene.ts';
import { applyNetwork } from './apply-network.ts';
import { cellsWithData } from './cells-with-data.ts';
import { borders, gridGeometry } from './geometry.ts';
import type { Manifest } from './manifest.ts';
import { mirroredPixels } from './pixels.ts';
import { windowStack } from './window-stack.ts';

/**
 * Attends to overviews of one size: a probability distribution over those cells of each scene that have data, a little
 * of it spread evenly so that none of them is ever out of reach: a ← (1 − s)·softmax(logits) + s/cells. Cells without
 * data have exactly 0.
 *
 * Shapes: B overviews, a grid of h × w cells.
 */
export type AttentionMaps = {
  /** [B, h·w] row by row, each scene's sums to 1 */
  readonly values: tf.Tensor2D;
  readonly width: number;
  readonly height: number;
};

/** Far below any logit: nothing is left of it after a softmax. */
const NEVER = -1e9;

/** @throws {SceneError} `scene.unsuitable` for an overview too small to have a cell, or without data in any */
export function attentionMaps(
  network: LayersModel,
  overviews: readonly Raster[],
  { bands, attention: { smoothing } }: Pick<Manifest, 'bands' | 'attention'>,
): AttentionMaps {
  const stack = windowStack(network);
  const size = overviews[0] as Raster;
  const grid = gridGeometry(stack, size);
  const data = tf.tensor2d(overviews.map((overview) => Array.from(cellsWithData(grid, overview)))); //      [B, h·w]
  const logits = applyNetwork<tf.Tensor4D>(network, mirroredPixels(overviews, bands, borders(stack, size))); // [B, h, w, 1]
  const [, height, width] = logits.shape;
  const seen = tf.add(tf.reshape(logits, data.shape), tf.mul(tf.sub(1, data), NEVER)); //                   [B, h·w]
  const even = tf.div(smoothing, tf.sum(data, 1, true)); //                                                 [B, 1]
  const values: tf.Tensor2D = tf.mul(data, tf.add(tf.mul(tf.softmax(seen), 1 - smoothing), even)); //       [B, h·w]
  return { values, width, height };
}
