import { describe, expect, it } from 'vitest';
import { reflectRaster } from '../../src/model/reflect-raster.ts';
import type { Raster } from '../../src/scene.ts';

const bytes = (data: readonly number[], valid?: readonly number[]): Raster => {
  const raster = { data: Uint8Array.from(data), width: 5, height: data.length / 10, bands: 2 };
  return valid ? { ...raster, valid: Uint8Array.from(valid) } : raster;
};
/** Two rows of five pixels, of which the second band is ten times the first. */
const raster = bytes(
  [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].flatMap((value) => [value, value * 10]),
  [1, 1, 0, 1, 1, 0, 1, 1, 1, 1],
);
const firstBand = ({ data }: Raster) => Array.from(data).filter((_, i) => i % 2 === 0);

describe('reflectRaster', () => {
  it('exchanges left and right, of every band and of what has data', () => {
    const reflected = reflectRaster(raster, 4);
    expect(firstBand(reflected)).toEqual([5, 4, 3, 2, 1, 10, 9, 8, 7, 6]);
    expect(Array.from(reflected.data).filter((_, i) => i % 2 === 1)).toEqual(firstBand(reflected).map((v) => v * 10));
    expect(Array.from(reflected.valid ?? [])).toEqual([1, 1, 0, 1, 1, 1, 1, 1, 1, 0]);
  });

  it('is undone by itself', () => {
    expect(reflectRaster(reflectRaster(raster, 4), 4)).toEqual(raster);
  });

  it('shows pixels of its own however far the mirror image is moved', () => {
    for (let last = -20; last <= 30; last += 1)
      for (const value of firstBand(reflectRaster(raster, last)).slice(0, 5)) expect([1, 2, 3, 4, 5]).toContain(value);
  });

  it.each([
    [3, [4, 3, 2, 1, 2]],
    [6, [3, 4, 5, 4, 3]],
  ])('shows column %i first, and what lies inside of the border where there is none', (last, row) => {
    expect(firstBand(reflectRaster(raster, last)).slice(0, 5)).toEqual(row);
  });
});
