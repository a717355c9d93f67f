import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { setImmediate as breathe } from 'node:timers/promises';
import type { Window } from '../scene.ts';
import { cogHeader, type Georeference } from './cog-header.ts';
import { type JpegTile, jpegTile } from './jpeg-tile.ts';
import { levelSizes, Pyramid, type Size, type Strip } from './pyramid.ts';
import { TileSpool } from './tile-spool.ts';

/**
 * Writes a scene of any size as a Cloud-Optimized GeoTIFF, as GDAL's COG driver lays it out: JPEG tiles (YCbCr 4:2:0),
 * overviews to 1/16 and smaller, smallest first, every tile with its leader and trailer. Works row of tiles by row of
 * tiles: memory grows with the width of the scene, not with its height.
 */
export type CogContent = Size & {
  /** RGB of a window, interleaved by pixel: `width × height × 3` bytes, row by row. Called once for each tile. */
  render(window: Window): Uint8Array | Uint8ClampedArray;
  readonly georeference: Georeference;
  /** Of JPEG, 1 to 100. */
  readonly quality: number;
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
    const spool = new TileSpool(spoolFile, levelSizes(content, TILE));
    const jpegTables = await encodeTiles(content, spool);
    const part = await open(partPath, 'w');
    const bytes = await assemble(part, spool, { ...content, jpegTables }).finally(() => part.close());
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

/** @returns the tables that all tiles share */
async function encodeTiles(content: CogContent, spool: TileSpool): Promise<Buffer> {
  const { width, height, quality } = content;
  let waiting: { readonly level: number; readonly tiles: Promise<JpegTile[]> }[] = [];
  const pyramid = new Pyramid(spool.levels, TILE, (strip) => {
    const tiles = Promise.all(cut(strip).map((pixels) => jpegTile(pixels, TILE, quality)));
    waiting.push({ level: strip.level, tiles });
  });
  let tables: Buffer | undefined;
  for (let y = 0; y < height; y += TILE) {
    const rows = Math.min(TILE, height - y);
    await renderStrip(pyramid.pixels, { x: 0, y, width, height: rows }, content);
    pyramid.push(rows);
    const encoded = await Promise.all(waiting.map(async ({ level, tiles }) => ({ level, tiles: await tiles })));
    waiting = [];
    for (const { level, tiles } of encoded) {
      tables = sharedTables(tables, tiles);
      await spool.append(
        level,
        tiles.map(({ stream }) => stream),
      );
    }
  }
  if (tables === undefined) throw new RangeError(`a scene of ${width}×${height} has no pixels`);
  return tables;
}

async function renderStrip(into: Uint8Array, strip: Window, { render, signal }: CogContent): Promise<void> {
  for (let x = 0; x < strip.width; x += TILE) {
    const width = Math.min(TILE, strip.width - x);
    const tile = render({ ...strip, x, width });
    for (let row = 0; row < strip.height; row += 1) {
      into.set(tile.subarray(row * width * 3, (row + 1) * width * 3), (row * strip.width + x) * 3);
    }
    await breathe(); // lets signals and other work in between two tiles
    signal?.throwIfAborted();
  }
}

/** The tiles of a strip, padded to full size by repeating the last column and row. */
function cut({ width, height, pixels }: Strip): Uint8Array[] {
  return Array.from({ length: Math.ceil(width / TILE) }, (_, column) => {
    const tile = new Uint8Array(TILE * TILE * 3);
    const left = column * TILE;
    const columns = Math.min(TILE, width - left);
    for (let y = 0; y < TILE; y += 1) {
      const from = (Math.min(y, height - 1) * width + left) * 3;
      const to = y * TILE * 3;
      tile.set(pixels.subarray(from, from + columns * 3), to);
      for (let x = columns; x < TILE; x += 1) tile.copyWithin(to + x * 3, to + (columns - 1) * 3, to + columns * 3);
    }
    return tile;
  });
}

/** One quality and the standard Huffman tables give every tile the same tables; a file has room for no others. */
function sharedTables(known: Buffer | undefined, tiles: readonly JpegTile[]): Buffer | undefined {
  const tables = known ?? tiles[0]?.tables;
  for (const tile of tiles) if (tables?.equals(tile.tables) !== true) throw new Error('JPEG tables differ among tiles');
  return tables;
}

type Assembly = Pick<CogContent, 'georeference' | 'bigTiff'> & { readonly jpegTables: Buffer };

/** Header, then tiles. @returns the file's size in bytes */
async function assemble(part: FileHandle, spool: TileSpool, assembly: Assembly): Promise<number> {
  const { georeference, jpegTables } = assembly;
  const header = (offsets: readonly (readonly number[])[], bigTiff: boolean) => {
    const directories = spool.levels.map((level, index) => ({ ...level, offsets: offsets[index] ?? [] }));
    return cogHeader(directories, { tileSize: TILE, jpegTables, georeference, bigTiff });
  };
  const unplaced = spool.levels.map(({ lengths }) => lengths.map(() => 0));
  const bytesOf = (bigTiff: boolean) => header(unplaced, bigTiff).length;
  const bigTiff = assembly.bigTiff === true || bytesOf(false) + spool.bytes > CLASSIC_BYTES;
  const start = bytesOf(bigTiff);
  await part.write(header(spool.offsets(start), bigTiff), 0, start, 0);
  await spool.copyTo(part, start);
  return start + spool.bytes;
}
