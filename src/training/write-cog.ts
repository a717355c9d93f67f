import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { setImmediate as breathe } from 'node:timers/promises';
import type { Window } from '../scene.ts';
import { cogHeader, type Directory, type Georeference, TILE_LEADER_BYTES, TILE_TRAILER_BYTES } from './cog-header.ts';
import { type JpegTile, jpegTile } from './jpeg-tile.ts';
import { levelSizes, Pyramid, type Size, type Strip } from './pyramid.ts';

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
  readonly signal?: AbortSignal;
};

const TILE = 256;

/** Offsets of a classic TIFF have 32 bits. */
const CLASSIC_BYTES = 2 ** 32;

/**
 * The file appears under its name only when it is whole.
 * @returns its size in bytes
 * @throws the signal's reason when it was stopped
 */
export async function writeCog(path: string, content: CogContent): Promise<number> {
  const [spoolPath, partPath] = [`${path}.tiles`, `${path}.part`];
  const spool = await open(spoolPath, 'w+');
  try {
    const levels = await writeTiles(spool, content);
    const part = await open(partPath, 'w');
    const bytes = await assemble(part, spool, levels, content.georeference).finally(() => part.close());
    await rename(partPath, path);
    return bytes;
  } finally {
    await spool.close();
    await Promise.all([spoolPath, partPath].map((file) => rm(file, { force: true })));
  }
}

/** A level's tiles in the spool, where the strips of all levels lie as they were finished. */
type Level = Size & { readonly lengths: number[]; readonly strips: { at: number; bytes: number }[] };
type Tiles = { readonly levels: readonly Level[]; readonly jpegTables: Buffer };

async function writeTiles(spool: FileHandle, content: CogContent): Promise<Tiles> {
  const sizes = levelSizes(content, TILE);
  const levels: Level[] = sizes.map((size) => ({ ...size, lengths: [], strips: [] }));
  let waiting: { readonly level: Level; readonly tiles: Promise<JpegTile[]> }[] = [];
  const pyramid = new Pyramid(sizes, TILE, (strip) => {
    const tiles = Promise.all(cut(strip).map((pixels) => jpegTile(pixels, TILE, content.quality)));
    waiting.push({ level: levels[strip.level] as Level, tiles });
  });
  let at = 0;
  let jpegTables: Buffer | undefined;
  for (let y = 0; y < content.height; y += TILE) {
    const rows = Math.min(TILE, content.height - y);
    await renderStrip(pyramid.pixels, { y, rows }, content);
    pyramid.push(rows);
    for (const { level, tiles } of waiting) {
      const done = await tiles;
      jpegTables = sharedTables(jpegTables, done);
      const bytes = Buffer.concat(done.flatMap(({ stream }) => wrap(stream)));
      await spool.write(bytes, 0, bytes.length, at);
      level.lengths.push(...done.map(({ stream }) => stream.length));
      level.strips.push({ at, bytes: bytes.length });
      at += bytes.length;
    }
    waiting = [];
  }
  if (jpegTables === undefined) throw new RangeError(`a scene of ${content.width}×${content.height} has no pixels`);
  return { levels, jpegTables };
}

async function renderStrip(pixels: Uint8Array, { y, rows }: { y: number; rows: number }, content: CogContent) {
  for (let x = 0; x < content.width; x += TILE) {
    const width = Math.min(TILE, content.width - x);
    const tile = content.render({ x, y, width, height: rows });
    for (let row = 0; row < rows; row += 1) {
      pixels.set(tile.subarray(row * width * 3, (row + 1) * width * 3), (row * content.width + x) * 3);
    }
    await breathe(); // lets signals and other work in between two tiles
    content.signal?.throwIfAborted();
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

/** Leader, tile, trailer. */
function wrap(stream: Buffer): Buffer[] {
  const leader = Buffer.alloc(TILE_LEADER_BYTES);
  leader.writeUInt32LE(stream.length);
  return [leader, stream, stream.subarray(-TILE_TRAILER_BYTES)];
}

/** One quality and the standard Huffman tables give every tile the same tables; a file has room for no others. */
function sharedTables(known: Buffer | undefined, tiles: readonly JpegTile[]): Buffer | undefined {
  const tables = known ?? tiles[0]?.tables;
  for (const tile of tiles) if (tables?.equals(tile.tables) !== true) throw new Error('JPEG tables differ among tiles');
  return tables;
}

async function assemble(part: FileHandle, spool: FileHandle, tiles: Tiles, georeference: Georeference) {
  const { levels, jpegTables } = tiles;
  const bytesOfTiles = levels.flatMap(({ strips }) => strips).reduce((sum, { bytes }) => sum + bytes, 0);
  const measure = (bigTiff: boolean) => {
    const settings = { tileSize: TILE, jpegTables, georeference, bigTiff };
    const unplaced = levels.map((level) => ({ ...level, offsets: level.lengths.map(() => 0) }));
    return { settings, bytes: cogHeader(unplaced, settings).length };
  };
  const classic = measure(false);
  const { settings, bytes: start } = classic.bytes + bytesOfTiles < CLASSIC_BYTES ? classic : measure(true);
  await part.write(cogHeader(place(levels, start), settings), 0, start, 0);
  let at = start;
  for (const strip of levels.toReversed().flatMap(({ strips }) => strips)) {
    const { buffer } = await spool.read(Buffer.allocUnsafe(strip.bytes), 0, strip.bytes, strip.at);
    await part.write(buffer, 0, strip.bytes, at);
    at += strip.bytes;
  }
  return at;
}

/** Where each tile comes to lie: the smallest level first, row by row. */
function place(levels: readonly Level[], start: number): Directory[] {
  let at = start;
  const placed = levels.toReversed().map(({ width, height, lengths }) => {
    const offsets = lengths.map((length) => {
      const offset = at + TILE_LEADER_BYTES;
      at = offset + length + TILE_TRAILER_BYTES;
      return offset;
    });
    return { width, height, lengths, offsets };
  });
  return placed.reverse();
}
