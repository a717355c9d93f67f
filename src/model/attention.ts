import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { SceneError } from '../errors.ts';
import type { Raster } from '../scene.ts';
import { applyNetwork } from './apply-network.ts';
import { cellsWithData } from './cells-with-data.ts';
import { borders, gridGeometry, type WindowStack } from './geometry.ts';
import type { Manifest } from './manifest.ts';
import { mirrorRaster } from './mirror-raster.ts';
import { pixels } from './pixels.ts';
import { strips } from './strips.ts';
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

export type AttentionSettings = Pick<Manifest, 'bands' | 'attention'>;

/**
 * Pixels of an overview that the network is shown at once, mirrored border included: they bound what its layers hold,
 * some 220 bytes a pixel in the bundled network. The overview of a scene of 4096² is shown whole.
 */
export const STRIP_PIXELS = 2 ** 17;

/** Far below any logit: nothing is left of it after a softmax. */
const NEVER = -1e9;

/** Overviews of one size as a network is shown them, made once to be attended to as often as wanted. */
export type ShownOverviews = {
  /** [B, height, width, C] with what is mirrored at the border */
  readonly samples: tf.Tensor4D;
  /** [B, h·w] 1 for each cell that has data, else 0 */
  readonly data: tf.Tensor2D;
};

/**
 * Of overviews of one size, each of them whole.
 * @throws {SceneError} `scene.unsuitable` for an overview too small to have a cell, or without data in any
 */
export function showOverviews(
  network: LayersModel,
  overviews: readonly Raster[],
  bands: Manifest['bands'],
): ShownOverviews {
  const stack = windowStack(network);
  const data = dataMask(stack, overviews);
  const border = borders(stack, overviews[0] as Raster);
  return {
    samples: pixels(
      overviews.map((overview) => mirrorRaster(overview, border)),
      bands,
    ),
    data,
  };
}

/** Of several overviews at once: differentiable in the network's weights. */
export function attentionMaps(
  network: LayersModel,
  { samples, data }: ShownOverviews,
  attention: Pick<Manifest['attention'], 'smoothing'>,
): AttentionMaps {
  return distribution(applyNetwork(network, samples), data, attention);
}

/**
 * Of one overview, shown to the network strip by strip: the same values, without holding all that its layers make at
 * once.
 * @throws {SceneError} as above
 */
export function attentionInStrips(
  network: LayersModel,
  overview: Raster,
  { bands, attention }: AttentionSettings,
  stripPixels: number = STRIP_PIXELS,
): AttentionMaps {
  const stack = windowStack(network);
  const data = dataMask(stack, [overview]); //                                                              [1, h·w]
  const border = borders(stack, overview);
  const rows = Math.floor(stripPixels / (overview.width + 2 * border.x));
  const logits = strips(stack.y, overview.height + 2 * border.y, rows).map((strip) =>
    tf.tidy(() => {
      const seen = applyNetwork<tf.Tensor4D>(network, pixels([mirrorRaster(overview, border, strip)], bands));
      return tf.slice(seen, [0, strip.skip, 0, 0], [1, strip.cells, -1, 1]); //                     [1, …, w, 1]
    }),
  );
  return distribution(tf.concat(logits, 1), data, attention);
}

/**
 * [B, h·w], 1 for each cell that has data, else 0.
 * @throws {SceneError} `scene.unsuitable` where one of them has none in any
 */
export function dataMask(stack: WindowStack, overviews: readonly Raster[]): tf.Tensor2D {
  const grid = gridGeometry(stack, overviews[0] as Raster);
  const cells = grid.x.cells * grid.y.cells;
  const mask = new Float32Array(overviews.length * cells);
  overviews.forEach((overview, scene) => {
    const own = cellsWithData(grid, overview);
    if (!own.includes(1)) throw new SceneError('scene.unsuitable', `none of ${cells} places in the scene has data`);
    mask.set(own, scene * cells);
  });
  return tf.tensor2d(mask, [overviews.length, cells]);
}

/** @param logits [B, h, w, 1] */
function distribution(
  logits: tf.Tensor4D,
  data: tf.Tensor2D,
  { smoothing }: Pick<Manifest['attention'], 'smoothing'>,
): AttentionMaps {
  const [, height, width] = logits.shape;
  const seen: tf.Tensor2D = tf.add(tf.reshape(logits, data.shape), tf.mul(tf.sub(1, data), NEVER)); //      [B, h·w]
  return { values: smoothed(tf.softmax(seen), data, smoothing), width, height };
}

/**
 * A little of the attention spread evenly over the cells with data.
 * @param values [B, h·w] each scene's sums to 1
 * @param data [B, h·w] 1 for each cell that has data, else 0
 */
export function smoothed(values: tf.Tensor2D, data: tf.Tensor2D, smoothing: number): tf.Tensor2D {
  const even = tf.div(smoothing, tf.sum(data, 1, true)); //                                                 [B, 1]
  return tf.mul(data, tf.add(tf.mul(values, 1 - smoothing), even)); //                                      [B, h·w]
}
