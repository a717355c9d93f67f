import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { setImmediate as breathe } from 'node:timers/promises';
import type { Window } from '../scene.ts';
import { cogHeader, type Georeference } from './cog-header.ts';
import { levelSizes, Pyramid, type Size, type Strip } from './pyramid.ts';
import { type TileEncoder, type TileEncoding, tileEncoder } from './tile-encoder.ts';
import { TileSpool } from './tile-spool.ts';

/**
 * Writes a scene of any size as a Cloud-Optimized GeoTIFF, as GDAL's COG driver lays it out: tiles of JPEG (YCbCr 4:2:0)
 * or Deflate, overviews to 1/16 and smaller, smallest first, every tile with its leader and trailer. Works row of tiles
 * by row of tiles: memory grows with the width of the scene, not with its height.
 */
export type CogContent = Size & {
  /** A window interleaved by pixel: `width × height × bands` bytes, row by row. Called once for each tile. */
  render(window: Window): Uint8Array | Uint8ClampedArray;
  readonly encoding: TileEncoding;
  /** Without it the file lies nowhere on the ground. */
  readonly georeference?: Georeference;
  /** The one coarser level, made by other means, in place of the averages. */
  readonly overview?: Size & { readonly pixels: Uint8Array };
  /** Offsets of 64 bits even where 32 would do; always taken where they would not. */
  readonly bigTiff?: boolean;
  readonly signal?: AbortSignal;
};

/** Side of a tile in pixels. */
const TILE = 256;

/** Offsets of a classic TIFF have 32 bits. */
const CLASSIC_BYTES = 2 ** 32;

/**
 * The file appears under its name only when it is whole.
 * @returns its size in bytes
 * @throws the signal's reason when it was stopped
 */
export async function writeCog(path: string, content: CogContent): Promise<number> {
  const [spoolPath, partPath] = unfinishedFiles(path) as [string, string];
  const spoolFile = await open(spoolPath, 'w+');
  try {
    const encoder = await tileEncoder(content.encoding, TILE);
    const sizes = content.overview ? [content, content.overview] : levelSizes(content, TILE);
    const spool = new TileSpool(spoolFile, sizes);
    await encodeTiles(content, encoder, spool);
    const part = await open(partPath, 'w');
    const bytes = await assemble(part, spool, { ...content, encoder }).finally(() => part.close());
    await rename(partPath, path);
    return bytes;
  } finally {
    await spoolFile.close();
    await removeUnfinished(path);
  }
}

/** For a caller that ended the thread of a `writeCog` in the middle. */
export async function removeUnfinished(path: string): Promise<void> {
  await Promise.all(unfinishedFiles(path).map((file) => rm(file, { force: true })));
}

function unfinishedFiles(path: string): string[] {
  return [`${path}.tiles`, `${path}.part`];
}

/** The levels of one content: full resolution strip by strip, and what comes of each strip at once. */
async function encodeTiles(content: CogContent, encoder: TileEncoder, spool: TileSpool): Promise<void> {
  const { width, height, overview } = content;
  const { bands } = encoder;
  let waiting: { readonly level: number; readonly tiles: Promise<Buffer[]> }[] = [];
  const encode = (strip: Strip) => {
    waiting.push({ level: strip.level, tiles: Promise.all(cut(strip, bands).map((tile) => encoder.encode(tile))) });
  };
  const append = async () => {
    const encoded = await Promise.all(waiting.map(async ({ level, tiles }) => ({ level, tiles: await tiles })));
    waiting = [];
    for (const { level, tiles } of encoded) await spool.append(level, tiles);
  };
  const pyramid = new Pyramid(overview ? spool.levels.slice(0, 1) : spool.levels, { tileSize: TILE, bands }, encode);
  for (let y = 0; y < height; y += TILE) {
    const rows = Math.min(TILE, height - y);
    await renderStrip(pyramid.pixels, { x: 0, y, width, height: rows }, { ...content, bands });
    pyramid.push(rows);
    await append();
  }
  if (overview) for (const strip of stripsOf(overview, bands)) encode(strip);
  await append();
}

async function renderStrip(
  into: Uint8Array,
  strip: Window,
  { render, signal, bands }: CogContent & Pick<TileEncoder, 'bands'>,
): Promise<void> {
  for (let x = 0; x < strip.width; x += TILE) {
    const width = Math.min(TILE, strip.width - x);
    const tile = render({ ...strip, x, width });
    const row = width * bands;
    for (let y = 0; y < strip.height; y += 1) {
      into.set(tile.subarray(y * row, (y + 1) * row), (y * strip.width + x) * bands);
    }
    await breathe(); // lets signals and other work in between two tiles
    signal?.throwIfAborted();
  }
}

/** A level that is there as a whole. */
function stripsOf({ width, height, pixels }: Size & { readonly pixels: Uint8Array }, bands: number): Strip[] {
  return Array.from({ length: Math.ceil(height / TILE) }, (_, index) => {
    const [from, rows] = [index * TILE, Math.min(TILE, height - index * TILE)];
    const strip = pixels.subarray(from * width * bands, (from + rows) * width * bands);
    return { level: 1, index, width, height: rows, pixels: strip };
  });
}

/** The tiles of a strip, padded to full size by repeating the last column and row. */
function cut({ width, height, pixels }: Strip, bands: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(width / TILE) }, (_, column) => {
    const tile = new Uint8Array(TILE * TILE * bands);
    const left = column * TILE;
    const columns = Math.min(TILE, width - left);
    for (let y = 0; y < TILE; y += 1) {
      const from = (Math.min(y, height - 1) * width + left) * bands;
      const to = y * TILE * bands;
      tile.set(pixels.subarray(from, from + columns * bands), to);
      const last = to + (columns - 1) * bands;
      for (let x = columns; x < TILE; x += 1) tile.copyWithin(to + x * bands, last, last + bands);
    }
    return tile;
  });
}

type Assembly = Pick<CogContent, 'georeference' | 'bigTiff'> & { readonly encoder: TileEncoder };

/** Header, then tiles. @returns the file's size in bytes */
async function assemble(part: FileHandle, spool: TileSpool, assembly: Assembly): Promise<number> {
  const { georeference } = assembly;
  const { bands, jpegTables } = assembly.encoder;
  const header = (offsets: readonly (readonly number[])[], bigTiff: boolean) => {
    const directories = spool.levels.map((level, index) => ({ ...level, offsets: offsets[index] ?? [] }));
    return cogHeader(directories, { tileSize: TILE, bands, jpegTables, georeference, bigTiff });
  };
  const unplaced = spool.levels.map(({ lengths }) => lengths.map(() => 0));
  const bytesOf = (bigTiff: boolean) => header(unplaced, bigTiff).length;
  const bigTiff = assembly.bigTiff === true || bytesOf(false) + spool.bytes > CLASSIC_BYTES;
  const start = bytesOf(bigTiff);
  await part.write(header(spool.offsets(start), bigTiff), 0, start, 0);
  await spool.copyTo(part, start);
  return start + spool.bytes;
}
