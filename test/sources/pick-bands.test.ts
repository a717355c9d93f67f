import { describe, expect, it } from 'vitest';
import { pickBands } from '../../src/sources/pick-bands.ts';

describe('pickBands', () => {
  const raster = { data: Uint16Array.from([1, 2, 3, 4, 5, 6, 7, 8]), width: 2, height: 1, bands: 4 };

  it('keeps the chosen bands of every pixel, in the order chosen', () => {
    expect(pickBands(raster, [2, 0])).toEqual({ data: Uint16Array.from([3, 1, 7, 5]), width: 2, height: 1, bands: 2 });
  });

  it('keeps what is known of pixels without data', () => {
    const valid = Uint8Array.from([0, 1]);
    expect(pickBands({ ...raster, valid }, [3])).toMatchObject({ data: Uint16Array.from([4, 8]), valid });
  });

  it('gives back a raster that is so already', () => {
    expect(pickBands(raster, [0, 1, 2, 3])).toBe(raster);
  });
});
