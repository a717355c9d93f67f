import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sceneReader } from '../../src/sources/scene-reader.ts';
import { buildTiff, type FieldValue, plainFields, plainTiles } from '../fakes/tiff-builder.ts';

const { signal } = new AbortController();
const DOUBLE = 12;

/** Of a square of 320 m in UTM 33, in tiles of 16 pixels; the n-th is full of the number n. */
function file({ side = 32, epsg = 32633, east = 500_000, ...fields }: Record<string, number> = {}): Buffer {
  const doubles = (...values: number[]): FieldValue => ({ type: DOUBLE, values });
  const ground = {
    ModelPixelScale: doubles(320 / side, 320 / side, 0),
    ModelTiepoint: doubles(0, 0, 0, east, 5_000_000, 0),
    GeoKeyDirectory: [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, epsg],
  };
  const tiles = Array.from({ length: Math.ceil(side / 16) ** 2 }, (_, i) => plainTiles[i % 4] ?? null);
  return buildTiff([{ fields: { ...plainFields, ...ground, ...fields, ImageWidth: side, ImageLength: side }, tiles }]);
}

describe('combineCogs', () => {
  let root: string;
  const open = async (budget: { megabytes: number; requests: number }, ...files: Buffer[]) => {
    const hrefs = await Promise.all(
      files.map(async (bytes, i) => {
        await writeFile(join(root, `${i}.tif`), bytes);
        return join(root, `${i}.tif`);
      }),
    );
    const reader = sceneReader({ allowPrivate: false, roots: [root], timeoutSeconds: 10, firstReadBytes: 600, budget });
    return reader.open(hrefs as [string, ...string[]], signal);
  };
  const plenty = { megabytes: 1, requests: 100 };
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'saccade-parts-'));
  });
  afterAll(() => rm(root, { recursive: true }));

  it('is one file on the finest grid, whichever comes first', async () => {
    for (const order of [
      [16, 32],
      [32, 16],
    ]) {
      const cog = await open(plenty, ...order.map((side) => file({ side })));
      expect(cog).toMatchObject({ bands: 2, bandNames: [[], []], alpha: undefined });
      expect(cog.levels).toEqual([{ width: 32, height: 32, tileWidth: 16, tileHeight: 16, metresPerPixel: 10 }]);
      const [raster] = await cog.read(0, [{ x: 15, y: 14, width: 2, height: 3 }], signal);
      const fine = [1, 2, 1, 2, 3, 4];
      const pairs = fine.flatMap((value) => (order[0] === 32 ? [value, 1] : [1, value]));
      expect(raster).toEqual({ data: Uint8Array.from(pairs), width: 2, height: 3, bands: 2 });
      expect(cog.tileBytes(0)).toHaveLength(5);
      expect(cog.locate(0, 32, 32)).toEqual((await open(plenty, file())).locate(0, 32, 32));
    }
  });

  it('keeps one account: bytes and requests of all, trips of the one that takes the most', async () => {
    const cog = await open(plenty, file(), file());
    const header = { ...cog.cost };
    await cog.read(0, [{ x: 0, y: 0, width: 32, height: 32 }], signal);
    expect(header).toMatchObject({ bytes: 1200, requests: 2, trips: 1, tiles: 0 });
    expect(cog.cost.tiles).toBe(8);
    expect([cog.cost.trips, cog.cost.requests]).toEqual([2, 4]);
    expect(cog.bytes).toBe(2 * file().length);
    expect(cog.lastModified).toMatch(/Z .*Z$/);
  });

  it('has one budget for all', async () => {
    const all = [{ x: 0, y: 0, width: 32, height: 32 }];
    const [enough, short] = [await open({ megabytes: 1, requests: 4 }, file(), file()), { megabytes: 1, requests: 3 }];
    await enough.read(0, all, signal);
    const cog = await open(short, file(), file());
    await expect(cog.read(0, all, signal)).rejects.toMatchObject({ code: 'budget.exceeded' });
  });

  it.each([
    ['of another CRS', { epsg: 32634 }, 'CRS 32634, where'],
    ['half a pixel and more to the side', { east: 500_006 }, 'lies 0.6 pixels beside'],
    ['of another footprint', { side: 16, east: 500_160 }, 'lies 16'],
    ['of no whole number of times as many pixels', { side: 24 }, 'no whole number of times'],
    ['of other samples', { BitsPerSample: 16 }, 'samples u16, where'],
  ])('refuses a file %s', async (_, unlike, reason) => {
    await expect(open(plenty, file(), file(unlike))).rejects.toMatchObject({
      code: 'scene.unsuitable',
      message: expect.stringContaining(reason),
    });
  });

  it('lets files lie a little beside each other, and refuses one of several bands', async () => {
    expect((await open(plenty, file(), file({ east: 500_003 }))).bands).toBe(2);
    await expect(open(plenty, file(), file({ SamplesPerPixel: 3 }))).rejects.toMatchObject({
      code: 'scene.unsuitable',
      message: expect.stringContaining('3 bands, not one'),
    });
  });
});
