import { describe, expect, it } from 'vitest';
import { averageDown } from '../../../src/sources/rasters/average-down.ts';
import { shrinkRaster } from '../../../src/training/baselines/shrink-raster.ts';
import { smallRaster } from '../../fakes/small-networks.ts';

describe('shrinkRaster', () => {
  it('counts pixels that are covered in part, in part', () => {
    const { data, width, height } = shrinkRaster(
      { data: Uint8Array.of(10, 40, 70), width: 3, height: 1, bands: 1 },
      { width: 2, height: 1 },
    );
    expect([width, height]).toEqual([2, 1]);
    expect(Array.from(data)).toEqual([(10 + 40 / 2) / 1.5, (40 / 2 + 70) / 1.5]);
  });

  it('does as averaging over whole factors does, and keeps the mean', async () => {
    const raster = smallRaster(24, 12);
    const shrunk = shrinkRaster(raster, { width: 6, height: 3 });
    const averaged = await averageDown(raster, 4, new AbortController().signal);
    averaged.data.forEach((sample, i) => {
      expect(Math.abs(sample - (shrunk.data[i] as number))).toBeLessThanOrEqual(1); // which rounds, twice
    });
    const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b) / values.length;
    expect(mean(shrinkRaster(raster, { width: 7, height: 5 }).data)).toBeCloseTo(mean(raster.data), 4);
  });

  it('looks at pixels with data only', () => {
    const raster = { data: Uint8Array.of(10, 250, 70, 250, 250, 250), width: 6, height: 1, bands: 1 };
    const valid = Uint8Array.of(1, 0, 1, 1, 0, 0);
    const shrunk = shrinkRaster({ ...raster, valid }, { width: 3, height: 1 });
    expect(Array.from(shrunk.data)).toEqual([10, 160, 0]);
    expect(Array.from(shrunk.valid ?? [])).toEqual([1, 1, 0]);
  });
});
