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
  const { bands } = grid;
  const plane = Math.floor(tile / (grid.across * grid.down));
  eachRow(grid, tile, window, (source, target, length) => {
    if (grid.planes === 1) {
      raster.data.set(pixels.subarray(source * bands, (source + length) * bands), target * bands);
      return;
    }
    for (let x = 0; x < length; x += 1) raster.data[(target + x) * bands + plane] = pixels[source + x] ?? 0;
  });
}

/** Mark the pixels of a window that lie in a tile as ones that have data. */
export function markTile(grid: TileGrid, tile: number, window: Window, valid: Uint8Array): void {
  eachRow(grid, tile, window, (_, target, length) => valid.fill(1, target, target + length));
}

/** The rows of pixels that a tile and a window have in common: where they begin in either, and how long they are. */
function eachRow(
  grid: TileGrid,
  tile: number,
  window: Window,
  visit: (inTile: number, inWindow: number, length: number) => void,
): void {
  const inPlane = tile % (grid.across * grid.down);
  const left = (inPlane % grid.across) * grid.tileWidth;
  const top = Math.floor(inPlane / grid.across) * grid.tileHeight;
  const from = Math.max(left, window.x);
  const to = Math.min(left + grid.tileWidth, window.x + window.width);
  const bottom = Math.min(top + storedRows(grid, tile), window.y + window.height);
  if (from >= to) return;
  for (let y = Math.max(top, window.y); y < bottom; y += 1)
    visit((y - top) * grid.tileWidth + from - left, (y - window.y) * window.width + from - window.x, to - from);
}
