import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Raster } from '../scene.ts';
import { type AttentionMaps, type AttentionSettings, attentionInStrips } from './attention.ts';
import { cellsWithData } from './cells-with-data.ts';
import { type AxisGeometry, gridGeometry } from './geometry.ts';
import { reflectRaster } from './reflect-raster.ts';
import { windowStack } from './window-stack.ts';

/**
 * Attention as it is in use. Where a model wants it (`attention.mirrored`), its network is shown the mirror image of the
 * overview as well, and the mean of the two maps is taken: what it mistakes for a thing of interest seldom looks like one
 * from both sides. The same bytes are read, and the network has twice as much to do. Training goes by the overview alone,
 * whose map is the one that a step has the gradient of.
 * @throws {SceneError} `scene.unsuitable` for an overview too small to have a cell, or without data in any
 */
export function attentionInUse(network: LayersModel, overview: Raster, settings: AttentionSettings): AttentionMaps {
  const own = attentionInStrips(network, overview, settings);
  if (!settings.attention.mirrored) return own;
  const grid = gridGeometry(windowStack(network), overview);
  const { values, width, height } = attentionInStrips(network, reflectRaster(overview, lastColumn(grid.x)), settings);
  const back: tf.Tensor2D = tf.reshape(tf.reverse(tf.reshape(values, [height, width]), 1), own.values.shape);
  // A cell whose edge has data in the mirror image alone stays without attention.
  const data = tf.tensor2d(Float32Array.from(cellsWithData(grid, overview)), own.values.shape);
  const both: tf.Tensor2D = tf.mul(data, tf.add(own.values, back));
  return { ...own, values: tf.div(both, tf.sum(both)) };
}

/**
 * Which column a mirror shows first, so that its cells lie over those of the overview: the first over the last, and so
 * on. A padded network's cells lie nearer to one side than to the other.
 */
function lastColumn({ offset, stride, cells }: AxisGeometry): number {
  return 2 * offset + (cells - 1) * stride - 1;
}
