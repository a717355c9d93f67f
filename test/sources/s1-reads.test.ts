import { dirname } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { RangeServer } from '../../src/commands/range-server.ts';
import { fileSource } from '../../src/sources/bytes/file-source.ts';
import type { Cog } from '../../src/sources/cog.ts';
import { type SceneReader, type SceneReaderSettings, sceneReader } from '../../src/sources/scene-reader.ts';
import { readHeader } from '../../src/sources/tiff/read-header.ts';
import { parts } from '../setup/parts.ts';
import { serveWithFaults } from '../setup/range-server.ts';
import { sharedData } from '../shared-data.ts';

/**
 * The scenario that readers are compared by: 8192² pixels in JPEG tiles of 512², 50 ms for each request; the header, the
 * overview of 1024² and ten windows of 256² of the finest level.
 */
const { signal } = new AbortController();
const scene = sharedData('samples/naip-8192-rgb-jpeg.tif');
const settings = { allowPrivate: true, roots: [], timeoutSeconds: 10, firstReadBytes: 32_768 };
const OVERVIEW = 3;
const whole = { x: 0, y: 0, width: 1024, height: 1024 };
/** Seven inside a tile, two over two tiles side by side, one over four: 15 tiles. */
const windows = [
  [600, 100],
  [1200, 1100],
  [2944, 2200],
  [4700, 1100],
  [7700, 700],
  [640, 3700],
  [3456, 4000],
  [6016, 5248],
  [2200, 7200],
  [7300, 7800],
].map(([x = 0, y = 0]) => ({ x, y, width: 256, height: 256 }));

/** Of the windows' tiles, in the order of the alphabet. */
const tileRanges = [
  'bytes=10183108-10251624',
  'bytes=10671920-10748073',
  'bytes=12650144-12789898',
  'bytes=15651845-15716626',
  'bytes=15978492-16108255',
  'bytes=17074036-17225558',
  'bytes=19849821-20001294',
  'bytes=23572103-23635693',
  'bytes=25150206-25217960',
  'bytes=7700403-7769214',
  'bytes=9977088-10043878',
];

describe.skipIf(!parts.sharedData)('sceneReader, needs shared data', () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function setUp(more: Partial<SceneReaderSettings> = {}): Promise<{ server: RangeServer; reader: SceneReader }> {
    const server = await serveWithFaults(dirname(scene), { latencyMs: 50 });
    const reader = sceneReader({ ...settings, ...more });
    closing.push(
      () => server.close(),
      () => reader.close(),
    );
    return { server, reader };
  }

  async function readScene(reader: SceneReader, server: RangeServer, query = '', headerBytes?: number): Promise<Cog> {
    const cog = await reader.open(`${server.url}/naip-8192-rgb-jpeg.tif${query}`, signal, {
      headerBytes: [headerBytes],
    });
    await cog.read(OVERVIEW, [whole], signal);
    await cog.read(0, windows, signal);
    return cog;
  }

  const ranges = (server: RangeServer) => server.requests.map(({ range }) => range);

  /** What cannot be done without: the header, the overview, and each tile under a window once. */
  async function neededBytes(cog: Cog): Promise<number> {
    const { end } = await readHeader(fileSource(scene, undefined), settings, signal);
    const tiles = new Set(
      windows.flatMap(({ x, y }) =>
        [y, y + 255].flatMap((row) => [x, x + 255].map((column) => (row >> 9) * 16 + (column >> 9))),
      ),
    );
    expect(tiles.size).toBe(15);
    const sum = (bytes: Iterable<number>) => [...bytes].reduce((all, each) => all + each, 0);
    return end + sum(cog.tileBytes(OVERVIEW)) + sum([...tiles].map((tile) => cog.tileBytes(0)[tile] ?? 0));
  }

  it('reads these ranges and no others in three trips, and in two where it knows the header', async () => {
    const { server, reader } = await setUp();
    const cold = await readScene(reader, server);
    expect(ranges(server).slice(0, 2)).toEqual(['bytes=0-32767', 'bytes=110800-531750']);
    expect(ranges(server).slice(2).sort()).toEqual(tileRanges);
    expect(cold.cost).toMatchObject({ requests: 13, trips: 3, tiles: 4 + 15 });
    expect(cold.cost.bytes / (await neededBytes(cold))).toBeLessThanOrEqual(1.05);

    const known = await readScene(reader, server, '?X-Amz-Signature=another');
    expect(ranges(server)[13]).toBe('bytes=110800-531750');
    expect(ranges(server).slice(14).sort()).toEqual(tileRanges);
    expect(known.cost).toMatchObject({ requests: 12, trips: 2, tiles: 4 + 15 });
    expect(reader.figures).toMatchObject({ headerHits: 1, headerMisses: 1 });
  });

  it('reads header and overview in one where it may, as much as was enough for the file before', async () => {
    const { server, reader } = await setUp({ twoTrips: true });
    const first = await readScene(reader, server, '?date=1');
    // A guess that was short is made up for by exactly the rest.
    expect(ranges(server).slice(0, 2)).toEqual(['bytes=0-524287', 'bytes=524288-531750']);
    expect(first.cost).toMatchObject({ requests: 13, trips: 3 });

    const second = await readScene(reader, server, '?date=2');
    expect(ranges(server)[13]).toBe('bytes=0-542719');
    expect(ranges(server).slice(14).sort()).toEqual(tileRanges);
    expect(second.cost).toMatchObject({ requests: 12, trips: 2, tiles: 4 + 15 });
    expect(second.cost.bytes / (await neededBytes(second))).toBeLessThanOrEqual(1.15);
  });

  it('reads as much of a header as its message says', async () => {
    const { server, reader } = await setUp();
    const { end } = await readHeader(fileSource(scene, undefined), settings, signal);
    const cog = await readScene(reader, server, '', end);
    expect(ranges(server)[0]).toBe(`bytes=0-${end - 1}`);
    expect(cog.cost).toMatchObject({ requests: 13, trips: 3 });
    expect(cog.cost.bytes / (await neededBytes(cog))).toBeLessThanOrEqual(1.03);
  });
});
