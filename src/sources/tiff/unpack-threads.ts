import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import type { PixelArray } from '../../scene.ts';
import type { Layout } from './layout.ts';
import type { TileShape } from './tile-shape.ts';
import { unpackTile } from './unpack-tile.ts';
import type { UnpackTask } from './unpack-worker.ts';

/**
 * Tiles of more bytes are unpacked in threads of their own. A megabyte in LZW with a predictor takes 8.5 ms, and the most
 * that a tile may have, 64, half a second in which no heartbeat goes out; for a common tile of 192 KiB the way to a thread
 * and back costs more than it saves.
 */
const THREAD_BYTES = 512 * 1024;
const MOST_THREADS = 4;
/** Threads end once nobody has needed them for so long. */
const IDLE_MS = 10_000;

/** As `unpackTile`, but never long in the thread that calls. */
export function unpackAside(bytes: Uint8Array, tile: TileShape): Promise<PixelArray> {
  if (tile.bytes <= THREAD_BYTES || isQuick(tile.layout)) return unpackTile(bytes, tile);
  const sent = new Uint8Array(bytes);
  const task = { bytes: sent, tile: { ...tile, layout: withoutIndex(tile.layout) } };
  return threads().run(task, { transferList: [sent.buffer] });
}

/** Pixels that are stored as they are, and Deflate, which zlib undoes in its own threads. */
function isQuick({ compression, predictor, samples, littleEndian }: Layout): boolean {
  return quick.has(compression) && predictor === 1 && littleEndian && samples !== 'f16' && samples !== 'u1';
}

const quick: ReadonlySet<number> = new Set([1, 8, 32946]);

/** The index of a large file is longer than its tiles, and knows how to read on, which no thread can be sent. */
function withoutIndex({ index: _, ...layout }: Layout): Layout {
  return { ...layout, offsets: new Float64Array(), byteCounts: new Float64Array(), jpegTables: undefined };
}

let started: Piscina<UnpackTask, PixelArray> | undefined;

/** For the whole process, from the first large tile on; idle ones keep no process alive. */
function threads(): Piscina<UnpackTask, PixelArray> {
  started ??= new Piscina<UnpackTask, PixelArray>({
    filename: workerFile(),
    name: 'unpack',
    minThreads: 0,
    maxThreads: Math.min(availableParallelism(), MOST_THREADS),
    idleTimeout: IDLE_MS,
    resourceLimits: { maxYoungGenerationSizeMb: 6 },
  });
  return started;
}

/** Node 20 cannot start a thread from a .ts file: where the sources run as they are (tests), the compiled twin is taken. */
function workerFile(): string {
  const twin = import.meta.url.endsWith('.ts') ? '../../../dist/sources/tiff/unpack-worker.js' : './unpack-worker.js';
  return new URL(twin, import.meta.url).href;
}
