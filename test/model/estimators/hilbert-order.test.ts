import { describe, expect, it } from 'vitest';
import { hilbertOrder } from '../../../src/model/estimators/hilbert-order.ts';

describe('hilbertOrder', () => {
  it('visits every cell of any grid once, and goes from neighbour to neighbour', () => {
    for (let width = 1; width <= 17; width += 1) {
      for (let height = 1; height <= 17; height += 1) {
        const order = [...hilbertOrder(width, height)];
        expect(order.toSorted((a, b) => a - b)).toEqual(order.map((_, i) => i));
        const diagonal = order.slice(1).filter((cell, i) => {
          const before = order[i]!;
          const [x, y] = [
            Math.abs((cell % width) - (before % width)),
            Math.abs(Math.floor(cell / width) - Math.floor(before / width)),
          ];
          expect(Math.max(x, y)).toBe(1);
          return x + y === 2;
        });
        expect(diagonal.length).toBeLessThanOrEqual(1);
      }
    }
  });

  it('is the Hilbert curve where the grid is a power of two: every aligned square is left only once it is full', () => {
    const order = [...hilbertOrder(16, 16)];
    for (const side of [2, 4, 8]) {
      for (let first = 0; first < 256; first += side * side) {
        const square = order.slice(first, first + side * side);
        const squares = square.map((cell) =>
          [cell % 16, Math.floor(cell / 16)].map((at) => Math.floor(at / side)).join(),
        );
        expect(new Set(squares).size).toBe(1);
      }
    }
  });

  it('gives each grid its own order, whatever grid was asked for before', () => {
    const grids = [
      [3, 2],
      [2, 3],
      [3, 2],
      [6, 1],
    ] as const;
    for (const [width, height] of grids) {
      const order = [...hilbertOrder(width, height)];
      const isNext = (cell: number, i: number) => i === 0 || [1, width].includes(Math.abs(cell - (order[i - 1] ?? 0)));
      expect(order.length).toBe(6);
      expect(order.every(isNext)).toBe(true);
    }
  });
});
