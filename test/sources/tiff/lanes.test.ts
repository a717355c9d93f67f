import { describe, expect, it } from 'vitest';
import { lanesFor } from '../../../src/sources/tiff/lanes.ts';

const MIB = 2 ** 20;

describe('lanesFor', () => {
  it('never lets more than 256 MiB of tiles be decoded at a time, and always lets one', () => {
    for (let bytes = 256; bytes <= 2 ** 40; bytes *= 1.3) {
      const { spans, tiles } = lanesFor(bytes);
      expect(Math.min(spans, tiles)).toBeGreaterThanOrEqual(1);
      expect(spans * tiles === 1 || spans * tiles * bytes <= 256 * MIB).toBe(true);
    }
  });

  it.each([
    [192 * 1024, { spans: 16, tiles: 4 }],
    [4 * MIB, { spans: 16, tiles: 4 }],
    [8 * MIB, { spans: 16, tiles: 2 }],
    [64 * MIB, { spans: 4, tiles: 1 }],
  ])('has for tiles of %d bytes lanes of %o', (bytes, lanes) => {
    expect(lanesFor(bytes)).toEqual(lanes);
  });
});
