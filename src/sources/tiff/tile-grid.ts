import { SceneError } from '../../errors.ts';
import type { Window } from '../../scene.ts';
import type { TagName } from './tiff-tags.ts';
import type { TiffValues } from './tiff-values.ts';

/**
 * How an image is cut into tiles (TIFF 6.0 section 15); strips are tiles as wide as the image. Tile `index` is
 * `plane * across * down + row * across + column`.
 */
export type TileGrid = {
  readonly width: number;
  readonly height: number;
  readonly bands: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly across: number;
  readonly down: number;
  /** 1 where the bands of a pixel lie side by side, else `bands`: each band has tiles of its own. */
  readonly planes: number;
  /** The last strip ends with the image; a tile is always stored whole. */
  readonly striped: boolean;
};

const MAX_SIDE = 2 ** 20;
const MIN_TILE_SIDE = 16;
const MAX_TILE_SIDE = 4096;
const MAX_BANDS = 1024;

/**
 * From the short values of a directory alone, so that an absurd one is refused before its index is fetched.
 * @throws {SceneError} `cog.invalid`
 */
export function tileGrid(values: TiffValues, indexCount: (name: TagName) => number | undefined): TileGrid {
  const width = side(values, 'ImageWidth', 1, MAX_SIDE);
  const height = side(values, 'ImageLength', 1, MAX_SIDE);
  const striped = !values.has('TileWidth');
  if (striped === values.has('TileLength')) throw invalid('TileWidth and TileLength are not both there');
  const tileWidth = striped ? width : side(values, 'TileWidth', MIN_TILE_SIDE, MAX_TILE_SIDE);
  const tileHeight = striped ? rowsPerStrip(values, height) : side(values, 'TileLength', MIN_TILE_SIDE, MAX_TILE_SIDE);
  const bands = values.number('SamplesPerPixel') ?? 1;
  if (!(bands >= 1 && bands <= MAX_BANDS)) throw invalid(`SamplesPerPixel is ${bands}, not 1 to ${MAX_BANDS}`);
  const planes = values.number('PlanarConfiguration') === 2 ? bands : 1;
  const across = Math.ceil(width / tileWidth);
  const down = Math.ceil(height / tileHeight);
  for (const name of striped ? stripIndex : tileIndex) {
    const count = indexCount(name);
    if (count === across * down * planes) continue;
    throw invalid(`${name} has ${count ?? 0} entries, but ${across} × ${down} tiles in ${planes} planes need as many`);
  }
  return { width, height, bands, tileWidth, tileHeight, across, down, planes, striped };
}

const stripIndex = ['StripOffsets', 'StripByteCounts'] as const;
const tileIndex = ['TileOffsets', 'TileByteCounts'] as const;

/** Rows that a tile stores. */
export function storedRows(grid: TileGrid, tile: number): number {
  const row = Math.floor((tile % (grid.across * grid.down)) / grid.across);
  return grid.striped ? Math.min(grid.tileHeight, grid.height - row * grid.tileHeight) : grid.tileHeight;
}

/** The tiles under a window, in all planes. */
export function tilesUnder(grid: TileGrid, window: Window): number[] {
  const tiles: number[] = [];
  const lastColumn = Math.floor((window.x + window.width - 1) / grid.tileWidth);
  const lastRow = Math.floor((window.y + window.height - 1) / grid.tileHeight);
  for (let plane = 0; plane < grid.planes; plane += 1) {
    for (let row = Math.floor(window.y / grid.tileHeight); row <= lastRow; row += 1) {
      for (let column = Math.floor(window.x / grid.tileWidth); column <= lastColumn; column += 1) {
        tiles.push((plane * grid.down + row) * grid.across + column);
      }
    }
  }
  return tiles;
}

function side(values: TiffValues, name: TagName, least: number, most: number): number {
  const value = values.number(name);
  if (value === undefined) throw invalid(`${name} is missing`);
  if (!(value >= least && value <= most)) throw invalid(`${name} is ${value}, not ${least} to ${most}`);
  return value;
}

/** By default, and by custom 2^32 − 1, the whole image is one strip. */
function rowsPerStrip(values: TiffValues, height: number): number {
  const rows = values.number('RowsPerStrip') ?? height;
  if (!(rows >= 1)) throw invalid(`RowsPerStrip is ${rows}`);
  return Math.min(rows, height);
}

function invalid(message: string): SceneError {
  return new SceneError('cog.invalid', message);
}
