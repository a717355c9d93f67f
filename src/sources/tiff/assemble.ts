import type { Raster, Window } from '../../scene.ts';
import { cropRaster } from '../rasters/crop-raster.ts';
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

/** The pixels of any tile that was left out of the file: a row for the widest window, for a whole tile may take 64 MB in each band. */
export function sparseTile({ grid, samples, fill }: Layout, windows: readonly Window[]): TilePixels {
  const widest = windows.reduce((most, { width }) => Math.max(most, width), 0);
  const part = { x: 0, y: 0, width: Math.min(widest, grid.tileWidth), height: 1 };
  return { part, pixels: new sampleArrays[samples](part.width * (grid.bands / grid.planes)).fill(fill), alike: true };
}

/** The smallest part of a tile that holds all that lies under the windows, in its own pixels; some of it must. */
export function partUnder(grid: TileGrid, tile: number, windows: readonly Window[]): Window {
  const common = windows.map((window) => commonPart(grid, tile, window)).filter((part) => part !== undefined);
  const { left, top, right, bottom } = common.reduce(
    (all, { x, y, width, height }) => ({
      left: Math.min(all.left, x),
      top: Math.min(all.top, y),
      right: Math.max(all.right, x + width),
      bottom: Math.max(all.bottom, y + height),
    }),
    { left: Infinity, top: Infinity, right: 0, bottom: 0 },
  );
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/**
 * What of a band's tile lies under a window, in memory that is not lent.
 * @returns undefined where nothing does
 */
export function cutTile(grid: TileGrid, tile: number, plane: TilePixels, window: Window): TilePixels | undefined {
  const { part, pixels, giveBack } = plane;
  const common = commonPart(grid, tile, window);
  if (common === undefined || plane.alike) return common && plane;
  const { x, y, width, height } = common;
  // Decoders that lend their memory may be waited for by the very bands that are not there yet.
  if (width * height === pixels.length && !giveBack) return plane;
  const raster = { data: pixels, width: part.width, height: part.height, bands: 1 };
  const { data } = cropRaster(raster, { x: x - part.x, y: y - part.y, width, height });
  return { part: { x, y, width, height }, pixels: data };
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
  const sources = planes.map((plane) => rowsUnder(plane, common));
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

/** Those of a tile's pixels under a window; start and stride are in pixels. */
function rowsUnder({ part, pixels, alike }: TilePixels, { x, y }: Window): Rows {
  if (alike) return { values: pixels, start: 0, stride: 0 };
  return { values: pixels, start: (y - part.y) * part.width + x - part.x, stride: part.width };
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
