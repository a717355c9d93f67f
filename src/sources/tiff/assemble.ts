import type { Raster, Window } from '../../scene.ts';
import { interleave, type Rows } from './interleave.ts';
import { type Layout, sampleArrays } from './layout.ts';
import { storedRows, type TileGrid } from './tile-grid.ts';
import type { TilePixels } from './tile-shape.ts';

/**
 * Larger rasters lie in memory that threads share, so that an inference thread needs no copy of a large overview. Nor does
 * V8 count such memory as a reason to collect: a window of 10 MB in memory of its own takes half as much time again.
 */
const SHARED_BYTES = 2 ** 20;

/** Windows put together from tiles, row by row; nothing of a tile is kept. */
export function emptyRaster({ grid, samples }: Layout, { width, height }: Window): Raster {
  const Samples = sampleArrays[samples];
  const length = width * height * grid.bands;
  const bytes = length * Samples.BYTES_PER_ELEMENT;
  const memory = bytes > SHARED_BYTES ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
  return { data: new Samples(memory, 0, length), width, height, bands: grid.bands };
}

/** The pixels of a tile that was left out of the file. */
export function sparseTile({ grid, samples, fill }: Layout): TilePixels {
  const part = { x: 0, y: 0, width: grid.tileWidth, height: grid.tileHeight };
  const count = part.width * part.height * (grid.bands / grid.planes);
  return { part, pixels: new sampleArrays[samples](count).fill(fill) };
}

/** The smallest part of a tile that holds all that lies under the windows, in its own pixels; some of it must. */
export function partUnder(grid: TileGrid, tile: number, windows: readonly Window[]): Window {
  const common = windows.map((window) => commonPart(grid, tile, window)).filter((part) => part !== undefined);
  const x = Math.min(...common.map((part) => part.x));
  const y = Math.min(...common.map((part) => part.y));
  const width = Math.max(...common.map((part) => part.x + part.width)) - x;
  const height = Math.max(...common.map((part) => part.y + part.height)) - y;
  return { x, y, width, height };
}

/**
 * Copy what of a tile lies under a window, if anything, into the window's raster.
 * @param planes the tile's pixels; where each band has tiles of its own, those of all bands at one place
 */
export function copyTile(
  grid: TileGrid,
  tile: number,
  planes: readonly TilePixels[],
  window: Window,
  { data, bands }: Raster,
): void {
  const common = commonPart(grid, tile, window);
  if (common === undefined) return;
  const sources = planes.map(({ part, pixels }) => ({
    values: pixels,
    start: (common.y - part.y) * part.width + common.x - part.x,
    stride: part.width,
  }));
  const target = { values: data, start: placeOf(common, 0, window) * bands, stride: window.width * bands };
  if (grid.planes > 1) {
    interleave(sources, target, common);
    return;
  }
  const [{ values, start, stride }] = sources as [Rows]; // one
  for (let row = 0; row < common.height; row += 1) {
    const from = (start + row * stride) * bands;
    data.set(values.subarray(from, from + common.width * bands), target.start + row * target.stride);
  }
}

/** Mark the pixels of a window that lie in a tile as ones that have data. */
export function markTile(grid: TileGrid, tile: number, window: Window, valid: Uint8Array): void {
  const common = commonPart(grid, tile, window);
  if (common === undefined) return;
  for (let row = 0; row < common.height; row += 1) {
    const target = placeOf(common, row, window);
    valid.fill(1, target, target + common.width);
  }
}

/** Of a tile under a window: the part in the tile's own pixels, and where the tile lies in the level. */
type Common = Window & { readonly left: number; readonly top: number };

/** Of the first pixel of a row of the part, in the window. */
function placeOf({ left, top, x, y }: Common, row: number, window: Window): number {
  return (top + y + row - window.y) * window.width + left + x - window.x;
}

/** What of a tile lies under a window, in the tile's own pixels. */
function commonPart(grid: TileGrid, tile: number, window: Window): Common | undefined {
  const { left, top } = cornerOf(grid, tile);
  const [x, y] = [Math.max(0, window.x - left), Math.max(0, window.y - top)];
  const width = Math.min(grid.tileWidth, window.x + window.width - left) - x;
  const height = Math.min(storedRows(grid, tile), window.y + window.height - top) - y;
  return width > 0 && height > 0 ? { x, y, width, height, left, top } : undefined;
}

/** Of a tile in its level. */
function cornerOf({ across, down, tileWidth, tileHeight }: TileGrid, tile: number): { left: number; top: number } {
  const inPlane = tile % (across * down);
  return { left: (inPlane % across) * tileWidth, top: Math.floor(inPlane / across) * tileHeight };
}
