import { describe, expect, it } from 'vitest';
import { pickBands } from '../../../src/sources/rasters/pick-bands.ts';

const { signal } = new AbortController();

describe('pickBands', () => {
  const raster = { data: Uint16Array.from([1, 2, 3, 4, 5, 6, 7, 8]), width: 2, height: 1, bands: 4 };

  it('keeps the chosen bands of every pixel, in the order chosen', async () => {
    expect(await pickBands(raster, [2, 0], signal)).toEqual({
      data: Uint16Array.from([3, 1, 7, 5]),
      width: 2,
      height: 1,
      bands: 2,
    });
  });

  it('keeps what is known of pixels without data', async () => {
    const valid = Uint8Array.from([0, 1]);
    expect(await pickBands({ ...raster, valid }, [3], signal)).toMatchObject({ data: Uint16Array.from([4, 8]), valid });
  });

  it('gives back a raster that is so already', async () => {
    expect(await pickBands(raster, [0, 1, 2, 3], signal)).toBe(raster);
  });
});
