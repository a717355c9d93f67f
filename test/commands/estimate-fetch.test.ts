import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateFetch } from '../../src/commands/estimate-fetch.ts';
import type { StoredTiles } from '../../src/sources/cog.ts';

const levels = { patches: 0, overview: 1, factor: 1 };

/** A file whose finest level has tiles of 256 × 256 pixels, stored in so many bytes. */
function cogOf(width: number, height: number, tileBytes: readonly number[], mask?: StoredTiles) {
  return {
    levels: [{ width, height, tileWidth: 256, tileHeight: 256, metresPerPixel: undefined }],
    tileBytes: () => Float64Array.from(tileBytes),
    maskTiles: () => mask,
  };
}

const times = (count: number, bytes: number) => new Array<number>(count).fill(bytes);

describe('estimateFetch', () => {
  it('counts the tiles under patches that lie anywhere, and those under patches that lie across them', () => {
    const cog = cogOf(4096, 4096, times(256, 1000));
    expect(estimateFetch(cog, levels, { patches: 10, size: 65 })).toEqual({
      patches: 10,
      tiles: { expected: 16, most: 40 }, // 10 · (1 + 64/256)² and 10 · 2²
      bytes: { expected: 16_000, most: 42_000 },
      meanTileBytes: 1000,
      requests: { most: 40 },
      trips: 1,
    });
  });

  it('knows that there are no more tiles than there are', () => {
    const { tiles, bytes: cost } = estimateFetch(cogOf(300, 100, [10, 20]), levels, { patches: 50, size: 100 });
    expect([tiles, cost.most]).toEqual([{ expected: 2, most: 2 }, 32]);
  });

  it('counts each band where each has tiles of its own', () => {
    const { tiles } = estimateFetch(cogOf(512, 512, times(12, 1)), levels, { patches: 1, size: 1 });
    expect(tiles).toEqual({ expected: 3, most: 3 });
  });

  it('takes tiles that were left out of the file for what they cost, which is nothing', () => {
    const one = { patches: 1, size: 1 };
    const sparse = estimateFetch(cogOf(768, 768, [0, 0, 0, 50, 0, 60, 70, 0, 0]), levels, one);
    expect([sparse.meanTileBytes, sparse.bytes]).toEqual([20, { expected: 20, most: 74 }]);
    expect(estimateFetch(cogOf(768, 768, times(9, 0)), levels, one).bytes.most).toBe(0);
  });

  it('counts what is read of a mask, but not as tiles of the scene', () => {
    const mask = { tileWidth: 512, tileHeight: 512, bytes: Float64Array.of(100) };
    expect(estimateFetch(cogOf(512, 512, times(4, 1000), mask), levels, { patches: 1, size: 1 })).toMatchObject({
      tiles: { expected: 1, most: 1 },
      bytes: { expected: 1100, most: 1155 },
      requests: { most: 2 },
    });
  });

  it('expects nothing where the overview was made from the very level of the patches', () => {
    const held = { patches: 0, overview: 0, factor: 16 };
    expect(estimateFetch(cogOf(512, 512, times(4, 1000)), held, { patches: 3, size: 48 })).toMatchObject({
      tiles: { expected: 0, most: 0 },
      bytes: { expected: 0, most: 0 },
      requests: { most: 0 },
      trips: 0,
    });
  });

  it('never has a patch that lies on more tiles than it says', () => {
    const side = fc.integer({ min: 64, max: 4096 });
    const chance = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(side, fc.integer({ min: 1, max: 64 }), fc.tuple(chance, chance), (pixels, size, [u, v]) => {
        const across = Math.ceil(pixels / 256);
        const cog = cogOf(pixels, pixels, times(across ** 2, 1));
        const { most } = estimateFetch(cog, levels, { patches: 1, size }).tiles;
        const along = (share: number) => {
          const start = Math.round(share * (pixels - size));
          return Math.floor((start + size - 1) / 256) - Math.floor(start / 256) + 1;
        };
        expect(along(u) * along(v)).toBeLessThanOrEqual(most);
      }),
    );
  });
});
