import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateFetch } from '../../src/commands/estimate-fetch.ts';

const level = (width: number, height: number) => {
  return { width, height, tileWidth: 256, tileHeight: 256, metresPerPixel: undefined };
};

const bytes = (...sizes: number[]) => Float64Array.from(sizes);

describe('estimateFetch', () => {
  it('counts the tiles under patches that lie anywhere, and those under patches that lie across them', () => {
    const tileBytes = new Float64Array(256).fill(1000); // 4096 × 4096 pixels
    expect(estimateFetch(level(4096, 4096), tileBytes, { patches: 10, size: 65 })).toEqual({
      patches: 10,
      tiles: { expected: 16, most: 40 }, // 10 · (1 + 64/256)² and 10 · 2²
      bytes: { expected: 16_000, most: 42_000 },
      medianTileBytes: 1000,
      requests: { most: 40 },
      trips: 1,
    });
  });

  it('knows that there are no more tiles than there are', () => {
    const { tiles, bytes: cost } = estimateFetch(level(300, 100), bytes(10, 20), { patches: 50, size: 100 });
    expect([tiles, cost.most]).toEqual([{ expected: 2, most: 2 }, 32]);
  });

  it('counts each band where each has tiles of its own', () => {
    const { tiles } = estimateFetch(level(512, 512), bytes(...new Array<number>(12).fill(1)), { patches: 1, size: 1 });
    expect(tiles).toEqual({ expected: 3, most: 3 });
  });

  it('leaves tiles that are not stored out of the median', () => {
    const sparse = bytes(0, 0, 0, 50, 0, 70, 90, 0, 0);
    expect(estimateFetch(level(768, 768), sparse, { patches: 1, size: 1 }).medianTileBytes).toBe(70);
    expect(estimateFetch(level(768, 768), new Float64Array(9), { patches: 1, size: 1 }).bytes.most).toBe(0);
  });

  it('never has a patch that lies on more tiles than it says', () => {
    const side = fc.integer({ min: 64, max: 4096 });
    const chance = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(side, fc.integer({ min: 1, max: 64 }), fc.tuple(chance, chance), (pixels, size, [u, v]) => {
        const across = Math.ceil(pixels / 256);
        const tileBytes = new Float64Array(across ** 2).fill(1);
        const { most } = estimateFetch(level(pixels, pixels), tileBytes, { patches: 1, size }).tiles;
        const along = (share: number) => {
          const start = Math.round(share * (pixels - size));
          return Math.floor((start + size - 1) / 256) - Math.floor(start / 256) + 1;
        };
        expect(along(u) * along(v)).toBeLessThanOrEqual(most);
      }),
    );
  });
});
