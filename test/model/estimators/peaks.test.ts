import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { draw } from '../../../src/model/estimators/draw.ts';
import { attentionMap } from '../../fakes/attention-map.ts';

const WIDTH = 9;
const maps = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 5 * WIDTH, maxLength: 5 * WIDTH });
const reaches = fc.record({ x: fc.integer({ min: 1, max: 4 }), y: fc.integer({ min: 1, max: 4 }) });
type Reach = { readonly x: number; readonly y: number };

function peaksOf(weights: readonly number[], reach: Reach, patches: number) {
  const map = { ...attentionMap(weights, WIDTH), reach };
  return draw(map, { estimator: 'peaks', patches, seed: 1, key: [] }).cells;
}

function isNear(a: number, b: number, reach: Reach): boolean {
  const [across, down] = [(a % WIDTH) - (b % WIDTH), Math.floor(a / WIDTH) - Math.floor(b / WIDTH)];
  return Math.abs(across) < reach.x && Math.abs(down) < reach.y;
}

describe('peaks', () => {
  it('takes the strongest cell, and then always the strongest whose patch overlaps none before', () => {
    fc.assert(
      fc.property(maps, reaches, fc.integer({ min: 1, max: 8 }), (weights, reach, patches) => {
        fc.pre(weights.some((weight) => weight > 0));
        const cells = peaksOf(weights, reach, patches).map(({ cell }) => cell);
        cells.forEach((cell, n) => {
          const open = weights.filter((_, i) => !cells.slice(0, n).some((other) => isNear(i, other, reach)));
          expect(weights[cell]).toBe(Math.max(...open));
        });
        if (cells.length === patches) return;
        expect(weights.every((weight, i) => weight === 0 || cells.some((cell) => isNear(i, cell, reach)))).toBe(true);
      }),
    );
  });

  it('is the N largest where patches are no wider than their cells', () => {
    const weights = [1, 9, 8, 0, 3, 7, 2, 4, 6];
    const settings = { patches: 4, seed: 1, key: [] };
    const { cells } = draw(attentionMap(weights, 3), { ...settings, estimator: 'peaks' });
    expect(cells).toEqual(draw(attentionMap(weights, 3), { ...settings, estimator: 'top' }).cells);
  });

  it('does not spend a second place on the same object', () => {
    const weights = [0, 5, 9, 6, 0, 0, 0, 2, 0];
    expect(peaksOf(weights, { x: 3, y: 3 }, 2).map(({ cell }) => cell)).toEqual([2, 7]);
  });
});
