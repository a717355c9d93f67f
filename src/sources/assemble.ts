import type { PixelArray, Raster, Window } from '../scene.ts';
import { type Layout, sampleArrays } from './layout.ts';
import { storedRows, type TileGrid } from './tile-grid.ts';

/** Windows put together from tiles, row by row; nothing of a tile is kept. */
export function emptyRaster({ grid, samples }: Layout, { width, height }: Window): Raster {
  return { data: new sampleArrays[samples](width * height * grid.bands), width, height, bands: grid.bands };
}

/** The pixels of a tile that was left out of the file. */
export function sparseTile({ grid, samples, fill }: Layout): PixelArray {
  return new sampleArrays[samples](grid.tileWidth * grid.tileHeight * (grid.bands / grid.planes)).fill(fill);
}

/** Copy the part of a tile that lies under a window, if any, into the window's raster. */
export function copyTile(grid: TileGrid, tile: number, pixels: PixelArray, window: Window, raster: Raster): void {
  const inPlane = tile % (grid.across * grid.down);
  const plane = Math.floor(tile / (grid.across * grid.down));
  const left = (inPlane % grid.across) * grid.tileWidth;
  const top = Math.floor(inPlane / grid.across) * grid.tileHeight;
  const from = Math.max(left, window.x);
  const to = Math.min(left + grid.tileWidth, window.x + window.width);
  const bottom = Math.min(top + storedRows(grid, tile), window.y + window.height);
  if (from >= to) return;
  const { bands } = grid;
  for (let y = Math.max(top, window.y); y < bottom; y += 1) {
    const source = (y - top) * grid.tileWidth + from - left;
    const target = (y - window.y) * window.width + from - window.x;
    if (grid.planes === 1) {
      raster.data.set(pixels.subarray(source * bands, (source + to - from) * bands), target * bands);
      continue;
    }
    for (let x = 0; x < to - from; x += 1) raster.data[(target + x) * bands + plane] = pixels[source + x] ?? 0;
  }
}
