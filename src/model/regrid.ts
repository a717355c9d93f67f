import * as tf from '@tensorflow/tfjs-core';
import type { AxisGeometry, GridGeometry } from './geometry.ts';

/** A grid of cells over an input of some size that shows the same ground as another. */
export type GridOver = {
  readonly grid: GridGeometry;
  readonly input: { readonly width: number; readonly height: number };
};

/**
 * Tells what lies in the cells of one grid in those of another over the same ground: each cell hands on what it has by the
 * share of its square (of stride × stride around its centre) that lies in each of the other's. Nothing is made; what
 * lies outside of all the other's cells is lost.
 * @param values [h, w] of the grid `from`
 * @returns [h, w] of the grid `to`
 */
export function regrid(values: tf.Tensor2D, from: GridOver, to: GridOver): tf.Tensor2D {
  const down = shares(from.grid.y, to.grid.y, to.input.height / from.input.height);
  const across = shares(from.grid.x, to.grid.x, to.input.width / from.input.width);
  return tf.matMul(tf.matMul(down, values), across, false, true);
}

/**
 * [cells of `to`, cells of `from`]: which share of a cell of `from` lies in one of `to`.
 * @param size of a pixel of `from`, in pixels of `to`
 */
function shares(from: AxisGeometry, to: AxisGeometry, size: number): tf.Tensor2D {
  const start = (axis: AxisGeometry, cell: number) => axis.offset + (cell - 0.5) * axis.stride;
  const rows = Array.from({ length: to.cells }, (_, cell) => {
    const [first, end] = [start(to, cell), start(to, cell + 1)];
    return Array.from({ length: from.cells }, (_, other) => {
      const [otherFirst, otherEnd] = [start(from, other) * size, start(from, other + 1) * size];
      const common = Math.min(end, otherEnd) - Math.max(first, otherFirst);
      return Math.max(common, 0) / (otherEnd - otherFirst);
    });
  });
  return tf.tensor2d(rows, [to.cells, from.cells]);
}
