import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Raster } from '../scene.ts';
import { type AttentionMaps, type AttentionSettings, attentionInStrips, dataMask, smoothed } from './attention.ts';
import { cellsWithData } from './cells-with-data.ts';
import { type AxisGeometry, gridGeometry } from './geometry.ts';
import { magnifyRaster } from './magnify-raster.ts';
import { reflectRaster } from './reflect-raster.ts';
import { regrid } from './regrid.ts';
import { windowStack } from './window-stack.ts';

/**
 * Attention as it is in use, over the cells that the network has over the overview. Where a model wants it, its network is
 * shown the overview magnified (`attention.magnification`): what is small in it is seen as large as what was learnt from;
 * and the mirror image as well (`attention.mirrored`), of which the mean is taken: what it mistakes for a thing of interest
 * seldom looks like one from both sides. The same bytes are read. Training goes by the overview alone, whose map is the
 * one that a step has the gradient of.
 * @throws {SceneError} `scene.unsuitable` for an overview too small to have a cell, or without data in any
 */
export function attentionInUse(network: LayersModel, overview: Raster, settings: AttentionSettings): AttentionMaps {
  const { smoothing, mirrored = false, magnification = 1 } = settings.attention;
  if (!mirrored && magnification === 1) return attentionInStrips(network, overview, settings);
  const stack = windowStack(network);
  const data = dataMask(stack, [overview]); //                                                              [1, h·w]
  const own = { grid: gridGeometry(stack, overview), input: overview };
  const shown = magnifyRaster(overview, magnification);
  const finer = { grid: gridGeometry(stack, shown), input: shown };
  const look = (raster: Raster) => {
    // Data in a few columns at a border may lie beside all cells of a view, whose grid has its border elsewhere.
    if (!cellsWithData(finer.grid, raster).includes(1))
      return tf.zeros<tf.Rank.R2>([finer.grid.y.cells, finer.grid.x.cells]);
    return rowsOf(attentionInStrips(network, raster, { ...settings, attention: { smoothing: 0 } }));
  };
  const seen = look(shown);
  const image = mirrored ? tf.reverse(look(reflectRaster(shown, lastColumn(finer.grid.x))), 1) : seen;
  const both = regrid(tf.add(seen, image), finer, own); //                                                     [h, w]
  const [height, width] = both.shape;
  // A cell whose edge has data in another view alone stays without attention; where that was all of it, all are alike.
  const told: tf.Tensor2D = tf.mul(data, tf.reshape(both, data.shape)); //                                  [1, h·w]
  const kept: tf.Tensor2D = tf.where(tf.equal(tf.sum(told), 0), data, told);
  return { values: smoothed(tf.div(kept, tf.sum(kept)), data, smoothing), width, height };
}

/** [h, w] of the one overview. */
function rowsOf({ values, width, height }: AttentionMaps): tf.Tensor2D {
  return tf.reshape(values, [height, width]);
}

/**
 * Which column a mirror shows first, so that its cells lie over those of the overview: the first over the last, and so
 * on. A padded network's cells lie nearer to one side than to the other.
 */
function lastColumn({ offset, stride, cells }: AxisGeometry): number {
  return 2 * offset + (cells - 1) * stride - 1;
}
