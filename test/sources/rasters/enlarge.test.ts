import { describe, expect, it } from 'vitest';
import { cropRaster } from '../../../src/sources/rasters/crop-raster.ts';
import { coarseWindow, enlarge } from '../../../src/sources/rasters/enlarge.ts';

/** 5 × 4 pixels of two bands, of which every third has no data. */
const grid = {
  data: Int16Array.from({ length: 40 }, (_, i) => i - 20),
  width: 5,
  height: 4,
  bands: 2,
  valid: Uint8Array.from({ length: 20 }, (_, i) => (i % 3 ? 1 : 0)),
};

describe('enlarge', () => {
  it.each([1, 2, 3, 6])('makes of any window of a grid %i times finer what the whole of it has there', (factor) => {
    // Overviews round their sizes up: the finer grid may end before the coarser one does, or a little later.
    for (const [width, height] of [
      [5 * factor, 4 * factor],
      [5 * factor - factor + 1, 4 * factor - factor + 1],
      [5 * factor + 1, 4 * factor + 1],
    ] as const) {
      for (let x = 0; x < width; x += 2) {
        for (let y = 0; y < height; y += 3) {
          const window = { x, y, width: Math.min(4, width - x), height: Math.min(5, height - y) };
          const coarse = coarseWindow(window, factor, grid);
          const found = enlarge(cropRaster(grid, coarse), window, factor);
          expect(found).toMatchObject({ width: window.width, height: window.height, bands: 2 });
          for (let i = 0; i < window.width * window.height; i += 1) {
            const column = Math.min(Math.floor((x + (i % window.width)) / factor), 4);
            const row = Math.min(Math.floor((y + Math.floor(i / window.width)) / factor), 3);
            const pixel = row * 5 + column;
            expect([found.data[2 * i], found.data[2 * i + 1], found.valid?.[i]]).toEqual([
              grid.data[2 * pixel],
              grid.data[2 * pixel + 1],
              grid.valid[pixel],
            ]);
          }
        }
      }
    }
  });
});
