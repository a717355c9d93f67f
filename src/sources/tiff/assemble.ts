import type { PixelArray, Raster, Window } from '../../scene.ts';
import type { TilePixels } from './decode-tile.ts';
import { type Layout, sampleArrays } from './layout.ts';
import { storedRows, type TileGrid } from './tile-grid.ts';

/** Larger rasters lie in memory that threads share, so that an inference thread needs no copy of a large overview. */
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

/** Copy what of a tile lies under a window, if anything, into the window's raster. */
export function copyTile(
  grid: TileGrid,
  tile: number,
  { part, pixels }: TilePixels,
  window: Window,
  raster: Raster,
): void {
  const { bands } = grid;
  const plane = Math.floor(tile / (grid.across * grid.down));
  eachRow(grid, tile, window, (x, y, target, length) => {
    const source = (y - part.y) * part.width + x - part.x;
    if (grid.planes === 1) {
      raster.data.set(pixels.subarray(source * bands, (source + length) * bands), target * bands);
      return;
    }
    scatter(pixels.subarray(source, source + length), raster.data, target * bands + plane, bands);
  });
}

/** One band's values to their places among those of all bands. */
function scatter(values: PixelArray, target: PixelArray, from: number, step: number): void {
  for (let i = 0, at = from; i < values.length; i += 1, at += step) target[at] = values[i] as number;
}

/** Mark the pixels of a window that lie in a tile as ones that have data. */
export function markTile(grid: TileGrid, tile: number, window: Window, valid: Uint8Array): void {
  eachRow(grid, tile, window, (_x, _y, target, length) => valid.fill(1, target, target + length));
}

/** The rows of pixels that a tile and a window have in common: where in the tile and the window, and how long. */
function eachRow(
  grid: TileGrid,
  tile: number,
  window: Window,
  visit: (xInTile: number, yInTile: number, inWindow: number, length: number) => void,
): void {
  const common = commonPart(grid, tile, window);
  if (common === undefined) return;
  const { left, top } = cornerOf(grid, tile);
  for (let y = common.y; y < common.y + common.height; y += 1)
    visit(common.x, y, (top + y - window.y) * window.width + left + common.x - window.x, common.width);
}

/** What of a tile lies under a window, in the tile's own pixels. */
function commonPart(grid: TileGrid, tile: number, window: Window): Window | undefined {
  const { left, top } = cornerOf(grid, tile);
  const [x, y] = [Math.max(0, window.x - left), Math.max(0, window.y - top)];
  const width = Math.min(grid.tileWidth, window.x + window.width - left) - x;
  const height = Math.min(storedRows(grid, tile), window.y + window.height - top) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : undefined;
}

/** Of a tile in its level. */
function cornerOf({ across, down, tileWidth, tileHeight }: TileGrid, tile: number): { left: number; top: number } {
  const inPlane = tile % (across * down);
  return { left: (inPlane % across) * tileWidth, top: Math.floor(inPlane / across) * tileHeight };
}
