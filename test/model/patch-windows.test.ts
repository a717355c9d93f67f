import { describe, expect, it } from 'vitest';
import { patchWindows } from '../../src/model/patch-windows.ts';

const drawOf = (...cells: number[]) => ({
  estimator: 'top' as const,
  seed: 0,
  cells: cells.map((cell) => ({ cell, attention: 0.1, coefficient: 2 })),
});
const axis = (cells: number) => ({ cells, stride: 2, offset: 4, receptiveField: 8 });

describe('patchWindows', () => {
  const grid = { x: axis(29), y: axis(29) };
  const sizes = { level: { width: 1024, height: 1024 }, overview: { width: 64, height: 64 }, patch: 64 };

  it('centres a patch on the full-resolution point under the centre of its cell', () => {
    // Cell (3, 1): overview centre (10, 6) → level centre (160, 96) → corner (128, 64).
    expect(patchWindows(drawOf(29 + 3), { grid, ...sizes })).toEqual([{ x: 128, y: 64, width: 64, height: 64 }]);
  });

  it('shifts a patch inwards where it would leave the level', () => {
    const wide = { ...sizes, patch: 200 };
    expect(patchWindows(drawOf(0, 29 * 29 - 1), { grid, ...wide })).toEqual([
      { x: 0, y: 0, width: 200, height: 200 },
      { x: 824, y: 824, width: 200, height: 200 },
    ]);
  });

  it('uses the true ratio of sizes where the overview was rounded up', () => {
    const odd = { level: { width: 1098, height: 1098 }, overview: { width: 69, height: 69 }, patch: 64 };
    const [window] = patchWindows(drawOf(10), { grid, ...odd });
    expect(window?.x).toBe(Math.round((24 * 1098) / 69 - 32));
  });
});
