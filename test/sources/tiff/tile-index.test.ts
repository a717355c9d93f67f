import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCog } from '../../../src/sources/open-cog.ts';
import { readHeader } from '../../../src/sources/tiff/read-header.ts';
import { RecordingSource } from '../../fakes/recording-source.ts';
import { buildTiff, plainFields } from '../../fakes/tiff-builder.ts';
import { parts } from '../../setup/parts.ts';

const { signal } = new AbortController();
const run = promisify(execFile);

/** Windows of 256² scattered over 102 400², by their corners. */
const corners = [
  [1000, 2000],
  [93_000, 7000],
  [40_000, 15_000],
  [71_000, 24_000],
  [11_000, 36_000],
  [56_000, 47_000],
  [99_000, 58_000],
  [30_000, 69_000],
  [82_000, 83_000],
  [5000, 101_000],
].map(([x = 0, y = 0]) => ({ x, y }));
const windows = corners.map(({ x, y }) => ({ x, y, width: 256, height: 256 }));

/** Answers as a server does, not at once, and remembers in which trip it was asked for each range. */
class SlowSource extends RecordingSource {
  readonly trips: number[] = [];
  #underWay = 0;

  override async read(...args: Parameters<RecordingSource['read']>): Promise<Uint8Array> {
    this.trips.push((this.trips.at(-1) ?? 0) + (this.#underWay === 0 ? 1 : 0));
    this.#underWay += 1;
    const bytes = await super.read(...args);
    await setTimeout(5);
    this.#underWay -= 1;
    return bytes;
  }
}

describe('tileIndex', () => {
  const side = 4096;
  const tiles = Array.from({ length: (side / 16) ** 2 }, (_, n) => (n % 3 === 0 ? new Uint8Array(256).fill(n) : null));
  const file = buildTiff([{ fields: { ...plainFields, ImageWidth: side, ImageLength: side }, tiles }]);
  const places = [
    { x: 0, y: 0, width: 48, height: 16 },
    { x: 2000, y: 2000, width: 100, height: 40 },
    { x: 4050, y: 4080, width: 46, height: 16 },
  ];

  it('reads the same pixels by pages as with the whole index in memory', async () => {
    const paged = await openCog(new RecordingSource(file), 1024, signal);
    const whole = await openCog(new RecordingSource(file), 1024, signal, { wholeIndex: true });
    expect(paged.cost.bytes).toBeLessThan(whole.cost.bytes / 50);
    const [found, wanted] = await Promise.all([paged.read(0, places, signal), whole.read(0, places, signal)]);
    expect(found).toEqual(wanted);
    expect(new Set(found[1]?.data).size).toBe(8);
    expect(whole.tileBytes(0).filter((bytes) => bytes > 0)).toHaveLength(tiles.filter((tile) => tile).length);
  });

  it('reads each page once', async () => {
    const source = new RecordingSource(file);
    const cog = await openCog(source, 1024, signal);
    await cog.read(0, places, signal);
    const before = source.ranges.length;
    await cog.read(0, places, signal);
    const again = source.ranges.slice(before);
    expect(again.every(({ offset }) => offset > file.indexOf(new Uint8Array(256)))).toBe(true);
  });
});

describe.skipIf(!parts.gdal)('tileIndex, needs gdal', () => {
  let folder: string;
  let file: Buffer;

  /** A sparse COG whose index has 1.7 MB; under every second window lies a patch of pixels. */
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-index-'));
    const patches = corners.map(async ({ x, y }, n) => {
      const path = join(folder, `${n}.tif`);
      const place = [x - 256, -(y - 256), x + 768, -(y + 768)].map(String);
      await run('gdal_create', ['-outsize', '1024', '1024', '-burn', String(10 + n), '-a_ullr', ...place, path]);
      return path;
    });
    const paths = await Promise.all(patches);
    const mosaic = join(folder, 'mosaic.vrt');
    await run('gdalbuildvrt', ['-te', '0', '-102400', '102400', '0', '-tr', '1', '1', mosaic, ...paths]);
    const options = ['COMPRESS=DEFLATE', 'BLOCKSIZE=256', 'SPARSE_OK=TRUE', 'OVERVIEW_RESAMPLING=NEAREST'];
    const cog = join(folder, 'cog.tif');
    await run('gdal_translate', ['-of', 'COG', ...options.flatMap((option) => ['-co', option]), mosaic, cog]);
    file = await readFile(cog);
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true }));

  it('costs little of an index of 1.7 MB, and no more trips than four', async () => {
    const source = new SlowSource(file);
    const cog = await openCog(source, 32_768, signal);
    const rasters = await cog.read(0, windows, signal);
    expect(rasters.map(({ data }) => [...new Set(data)])).toEqual(corners.map((_, n) => [10 + n]));

    const index = await readHeader(new RecordingSource(file), { firstReadBytes: 32_768, wholeIndex: true }, signal);
    expect(index.end).toBeGreaterThan(1.7e6);
    const read = source.ranges.filter(({ offset }) => offset < index.end);
    expect(read).toEqual(source.ranges.slice(0, read.length));
    expect(read.length).toBeLessThanOrEqual(12);
    expect(read.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(256 * 1024);
    expect(source.trips[read.length - 1]).toBeLessThanOrEqual(4);
  });
});
