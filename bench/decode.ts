/**
 * What decoding costs: the tiles of real imagery in every codec, ours against the native libraries and geotiff.js in
 * turn, in one process: medians of 15 rounds, in MB of pixels per second of CPU time (all threads of the process), so that a
 * machine with other work measures the same. Ours includes all from a tile's bytes to its pixels.
 *
 *     npm run bench:decode -- [FILE]
 *
 * Needs GDAL (ops/setup/gdal.sh), which writes the upper left 2048 × 2048 pixels of three bands of FILE in each codec.
 */
import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { inflateSync } from 'node:zlib';
import { fromArrayBuffer, getDecoder } from 'geotiff';
import sharp from 'sharp';
import type { ByteSource } from '../src/sources/bytes/byte-source.ts';
import { openCog } from '../src/sources/open-cog.ts';
import { decodeTile } from '../src/sources/tiff/decode-tile.ts';
import { jpegStream } from '../src/sources/tiff/jpeg-stream.ts';
import { type Layout, tileBytes } from '../src/sources/tiff/layout.ts';
import { sceneLevels } from '../src/sources/tiff/levels.ts';
import { readHeader } from '../src/sources/tiff/read-header.ts';

const ROUNDS = 15;
/** Not counted, at least so many rounds and so long: V8's compiling threads would be, on both sides, but not alike. */
const WARM_ROUNDS = 5;
const WARM_MS = 10_000;
/**
 * Each side goes on for so much CPU time in a round. What follows a collection, sweeping, and compiling anew what knew
 * objects that are gone, took a third of a measurement that took a tenth of a second, and nothing of one of two seconds.
 */
const LEAST_CPU_MICROSECONDS = 600_000;
setFlagsFromString('--expose-gc'); // in contexts that are made from now on
const collectGarbage: () => void = runInNewContext('gc');
const { signal } = new AbortController();
const run = promisify(execFile);
const source = process.argv[2] ?? '../shared/data/samples/naip-8192-rgb-jpeg.tif';
const folder = join(tmpdir(), 'saccade-bench-decode');

/** What is compared: both sides do all of it, one tile after another. */
type Race = {
  readonly codec: string;
  readonly peer: string;
  readonly bytes: number;
  ours(): Promise<unknown>;
  theirs(): Promise<unknown>;
  readonly wanted: number;
};
type Tile = { readonly layout: Layout; readonly index: number; readonly bytes: Uint8Array };

await mkdir(folder, { recursive: true });
const races: Race[] = [
  await race('JPEG', ['COMPRESS=JPEG', 'PHOTOMETRIC=YCBCR'], { peer: 'sharp', wanted: 0.9, decode: bySharpJpeg }),
  await race('JPEG RGB', ['COMPRESS=JPEG'], { peer: 'sharp', wanted: 0.9, decode: bySharpJpeg }),
  await race('WebP', ['COMPRESS=WEBP'], { peer: 'sharp', wanted: 0.9, decode: bySharp }),
  await race('Deflate', ['COMPRESS=DEFLATE'], { peer: 'zlib', wanted: 0.9, decode: byZlib }),
  await race('LZW', ['COMPRESS=LZW'], { peer: 'geotiff.js', wanted: 8, decode: byGeotiff(5) }),
  await race('ZSTD', ['COMPRESS=ZSTD'], { peer: 'geotiff.js', wanted: 1, decode: byGeotiff(50_000) }),
  await assembly('assembly, by pixel', ['INTERLEAVE=PIXEL']),
  await assembly('assembly, by band', ['INTERLEAVE=BAND']),
];
console.log(`${availableParallelism()} cores, Node ${process.versions.node}, ${source}`);
const rows = [];
for (const each of races) rows.push(await measured(each));
console.table(rows);

async function measured({ codec, peer, bytes, ours, theirs, wanted }: Race): Promise<Record<string, string | number>> {
  const started = performance.now();
  for (let round = 0; round < WARM_ROUNDS || performance.now() - started < WARM_MS; round += 1) {
    await ours();
    await theirs();
  }
  const [mine, others]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    // In turn first, should there be anything that the first one leaves to the second.
    if (round % 2 === 0) mine.push(bytes / (await cpuMicroseconds(ours)));
    others.push(bytes / (await cpuMicroseconds(theirs)));
    if (round % 2 === 1) mine.push(bytes / (await cpuMicroseconds(ours)));
  }
  const [a, b] = [median(mine), median(others)];
  // Of each round by itself, whose two halves met the same load of the machine.
  const ratio = median(mine.map((value, round) => value / (others[round] ?? Number.NaN)));
  return { codec, 'MB/s': a.toFixed(0), peer, 'its MB/s': b.toFixed(0), ratio: ratio.toFixed(2), wanted };
}

/** Of doing it once, on average. */
async function cpuMicroseconds(work: () => Promise<unknown>): Promise<number> {
  // A collection falls into every second or third measurement otherwise, by turns into the same side's, and decides the ratio.
  collectGarbage();
  const before = process.cpuUsage();
  for (let times = 1; ; times += 1) {
    await work();
    const { user, system } = process.cpuUsage(before);
    if (user + system >= LEAST_CPU_MICROSECONDS) return (user + system) / times;
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

type Peer = { readonly peer: string; readonly wanted: number; decode(tile: Tile): Promise<unknown> | unknown };

async function race(codec: string, options: readonly string[], { peer, wanted, decode }: Peer): Promise<Race> {
  const tiles = await tilesOf(await readFile(await written(codec, options)));
  const bytes = tiles.reduce((sum, { layout }) => sum + tileBytes(layout, layout.grid.tileHeight), 0);
  const each = async (work: (tile: Tile) => Promise<unknown> | unknown) => {
    for (const tile of tiles) await work(tile);
  };
  return { codec, peer, bytes, wanted, ours: () => each(ours), theirs: () => each(decode) };
}

async function ours({ layout, index, bytes }: Tile): Promise<void> {
  const { tileWidth: width, tileHeight: height } = layout.grid;
  const { giveBack } = await decodeTile(layout, index, bytes, { x: 0, y: 0, width, height });
  giveBack?.();
}

/** Windows that begin and end within tiles, of a file in memory that is not compressed. */
async function assembly(codec: string, options: readonly string[]): Promise<Race> {
  const file = await readFile(await written(codec, options));
  const cog = await openCog(inMemory(file), 32_768, signal);
  const image = await (await fromArrayBuffer(new Uint8Array(file).buffer)).getImage();
  const window = { x: 100, y: 100, width: 1800, height: 1800 };
  const [right, bottom] = [window.x + window.width, window.y + window.height];
  return {
    codec,
    peer: 'geotiff.js',
    bytes: window.width * window.height * 3,
    wanted: 10,
    ours: () => cog.read(0, [window], signal),
    theirs: () => image.readRasters({ window: [window.x, window.y, right, bottom], interleave: true }),
  };
}

async function written(codec: string, options: readonly string[]): Promise<string> {
  const path = join(folder, `${codec.replaceAll(/\W/g, '-')}.tif`);
  const create = ['TILED=YES', ...options].flatMap((option) => ['-co', option]);
  const bands = ['-b', '1', '-b', '2', '-b', '3', '-srcwin', '0', '0', '2048', '2048'];
  await run('gdal_translate', ['-q', ...bands, ...create, source, path]);
  return path;
}

async function tilesOf(file: Buffer): Promise<Tile[]> {
  const { finest: layout } = sceneLevels(
    await readHeader(inMemory(file), { firstReadBytes: 32_768, wholeIndex: true }, signal),
  );
  return Array.from(layout.offsets, (offset, index) => {
    const bytes = new Uint8Array(file.subarray(offset, offset + (layout.byteCounts[index] ?? 0)));
    return { layout, index, bytes };
  });
}

function inMemory(file: Buffer): ByteSource {
  const identity = { etag: null, lastModified: null, size: file.length };
  return { href: 'memory:', identity, read: async ({ offset, length }) => file.subarray(offset, offset + length) };
}

function bySharpJpeg({ layout, bytes }: Tile): Promise<Buffer> {
  return sharp(Buffer.concat(jpegStream(bytes, layout.jpegTables, layout.photometric).pieces))
    .raw()
    .toBuffer();
}

function bySharp({ bytes }: Tile): Promise<Buffer> {
  return sharp(bytes).raw().toBuffer();
}

function byZlib({ bytes }: Tile): Buffer {
  return inflateSync(bytes);
}

function byGeotiff(compression: number): (tile: Tile) => Promise<unknown> {
  return async ({ bytes }) => {
    const parameters = { tileWidth: 256, tileHeight: 256, predictor: 1, bitsPerSample: 8, planarConfiguration: 1 };
    return (await getDecoder(compression, parameters)).decode(new Uint8Array(bytes).buffer);
  };
}
