import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useBackend } from '../../src/model/backend.ts';
import { type GridOver, regrid } from '../../src/model/regrid.ts';
import { randomKey, uniform } from '../../src/random.ts';

const axis = (cells: number, stride: number, offset: number) => ({ cells, stride, offset, receptiveField: 9 });
const over = (x: ReturnType<typeof axis>, y: ReturnType<typeof axis>, width: number, height: number): GridOver => ({
  grid: { x, y },
  input: { width, height },
});
const coarse = over(axis(5, 8, 5.5), axis(3, 8, 3.5), 40, 24);
const fine = over(axis(8, 8, 5.5), axis(5, 8, 3.5), 64, 40); // the same ground, in pixels of 40/64 and 24/40

const mapOf = ({ grid: { x, y } }: GridOver) =>
  Array.from({ length: y.cells * x.cells }, (_, i) => uniform(randomKey('regrid'), i));
const regridded = (values: number[], from: GridOver, to: GridOver) =>
  tf.tidy(() => Array.from(regrid(tf.tensor2d(values, [from.grid.y.cells, from.grid.x.cells]), from, to).dataSync()));

/** Each cell as many points of one weight, each of which falls into a cell or into none. */
function byPoints(values: number[], from: GridOver, to: GridOver): number[] {
  const points = 400;
  const found = new Array<number>(to.grid.x.cells * to.grid.y.cells).fill(0);
  const cellAt = (which: 'x' | 'y', cell: number, point: number) => {
    const [pixels, others] = which === 'x' ? [from.input.width, to.input.width] : [from.input.height, to.input.height];
    const [own, other] = [from.grid[which], to.grid[which]];
    const place = ((own.offset + (cell - 0.5 + (point + 0.5) / points) * own.stride) * others) / pixels;
    const into = Math.floor((place - other.offset) / other.stride + 0.5);
    return into >= 0 && into < other.cells ? into : undefined;
  };
  values.forEach((value, cell) => {
    const [column, row] = [cell % from.grid.x.cells, Math.floor(cell / from.grid.x.cells)];
    for (let down = 0; down < points; down += 1)
      for (let across = 0; across < points; across += 1) {
        const [x, y] = [cellAt('x', column, across), cellAt('y', row, down)];
        if (x === undefined || y === undefined) continue;
        const into = y * to.grid.x.cells + x;
        found[into] = (found[into] as number) + value / points ** 2;
      }
  });
  return found;
}

describe('regrid', () => {
  beforeAll(() => useBackend('wasm'));

  it('changes nothing on the way to the same grid', () => {
    const values = mapOf(coarse);
    regridded(values, coarse, coarse).forEach((value, i) => {
      expect(value).toBeCloseTo(values[i] as number, 6);
    });
  });

  it.each([
    ['finer to coarser', fine, coarse],
    ['coarser to finer', coarse, fine],
  ])('hands on by the shares of squares, as counting points tells: %s', (_, from, to) => {
    const values = mapOf(from);
    const expected = byPoints(values, from, to);
    regridded(values, from, to).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] as number, 2);
    });
  });

  it('loses nothing of a cell that lies inside of the others', () => {
    const values = mapOf(fine).map((value, i) => ([1, 2, 3, 5, 6].includes(i % 8) && i > 8 && i < 32 ? value : 0));
    const sum = (all: number[]) => all.reduce((total, value) => total + value, 0);
    expect(sum(regridded(values, fine, coarse))).toBeCloseTo(sum(values), 5);
  });
});
