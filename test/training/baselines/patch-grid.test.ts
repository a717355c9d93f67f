import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patchGrid } from '../../../src/training/baselines/patch-grid.ts';

describe('patchGrid', () => {
  it('goes row by row, and shifts the last of a row inwards', () => {
    const starts = patchGrid({ width: 25, height: 12 }, { patch: 10, stride: 10 }).map(({ x, y }) => [x, y]);
    expect(starts).toEqual([
      [0, 0],
      [10, 0],
      [15, 0],
      [0, 2],
      [10, 2],
      [15, 2],
    ]);
  });

  it('lies within the scene and covers every pixel where the stride is not above the patch', () => {
    const size = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(size, size, fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), (w, h, patch, step) => {
        fc.pre(patch <= Math.min(w, h) && step <= patch);
        const seen = new Uint8Array(w * h);
        const windows = patchGrid({ width: w, height: h }, { patch, stride: step });
        for (const { x, y } of windows) {
          for (let row = y; row < y + patch; row += 1) seen.fill(1, row * w + x, row * w + x + patch);
        }
        const inside = windows.filter(({ x, y }) => x >= 0 && y >= 0 && x + patch <= w && y + patch <= h);
        expect(inside).toEqual(windows);
        expect(windows.every(({ width, height }) => width === patch && height === patch)).toBe(true);
        expect(seen.includes(0)).toBe(false);
      }),
    );
  });
});
