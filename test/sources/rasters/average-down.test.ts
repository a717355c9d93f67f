import { describe, expect, it } from 'vitest';
import { averageDown } from '../../../src/sources/rasters/average-down.ts';

const { signal } = new AbortController();

describe('averageDown', () => {
  it('gives the mean of each square, rounded to whole numbers for whole samples', async () => {
    const raster = { data: Uint8Array.from([0, 1, 10, 20, 1, 1, 30, 40]), width: 4, height: 2, bands: 1 };
    expect(await averageDown(raster, 2, signal)).toEqual({
      data: Uint8Array.from([1, 25]),
      width: 2,
      height: 1,
      bands: 1,
    });
  });

  it('keeps bands apart', async () => {
    const raster = { data: Float32Array.from([1, 100, 2, 200]), width: 2, height: 1, bands: 2 };
    expect((await averageDown(raster, 2, signal)).data).toEqual(Float32Array.from([1.5, 150]));
  });

  it('averages the pixels that a cut-off square has', async () => {
    const raster = { data: Uint8Array.from([0, 2, 9, 4, 6, 11, 7, 9, 50]), width: 3, height: 3, bands: 1 };
    expect(await averageDown(raster, 2, signal)).toEqual({
      data: Uint8Array.from([3, 10, 8, 50]),
      width: 2,
      height: 2,
      bands: 1,
    });
  });

  it('goes by prime factors, rounding at each as overviews do', async () => {
    const raster = { data: Uint8Array.from([0, 1, 0, 1]), width: 4, height: 1, bands: 1 };
    const twice = await averageDown(await averageDown(raster, 2, signal), 2, signal);
    expect((await averageDown(raster, 4, signal)).data).toEqual(twice.data);
    const thirds = { data: Uint8Array.from([3, 6, 9]), width: 3, height: 1, bands: 1 };
    expect((await averageDown(thirds, 3, signal)).data).toEqual(Uint8Array.from([6]));
  });

  it('averages over the pixels with data alone', async () => {
    const data = Uint8Array.from([4, 200, 1, 1, 6, 200, 1, 1]);
    const raster = { data, width: 4, height: 2, bands: 1, valid: Uint8Array.from([1, 0, 0, 0, 1, 0, 0, 0]) };
    const averaged = { data: Uint8Array.from([5, 0]), width: 2, height: 1, bands: 1, valid: Uint8Array.of(1, 0) };
    expect(await averageDown(raster, 2, signal)).toEqual(averaged);
    expect(await averageDown(averaged, 2, signal)).toEqual({ data: Uint8Array.of(5), width: 1, height: 1, bands: 1 });
  });

  it('gives back the raster for a factor of one', async () => {
    const raster = { data: Uint8Array.from([7]), width: 1, height: 1, bands: 1 };
    expect(await averageDown(raster, 1, signal)).toBe(raster);
  });
});
