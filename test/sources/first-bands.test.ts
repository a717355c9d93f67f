import { describe, expect, it } from 'vitest';
import { firstBands } from '../../src/sources/first-bands.ts';

describe('firstBands', () => {
  it('keeps the first bands of every pixel', () => {
    const raster = { data: Uint16Array.from([1, 2, 3, 4, 5, 6, 7, 8]), width: 2, height: 1, bands: 4 };
    expect(firstBands(raster, 3)).toEqual({
      data: Uint16Array.from([1, 2, 3, 5, 6, 7]),
      width: 2,
      height: 1,
      bands: 3,
    });
    expect(firstBands(raster, 4)).toBe(raster);
  });
});
