import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomKey, uniforms } from '../../src/random.ts';
import { sceneReader } from '../../src/sources/scene-reader.ts';
import { buildTiff, plainFields } from '../fakes/tiff-builder.ts';
import { gdalPixels } from '../setup/gdal.ts';
import { parts } from '../setup/parts.ts';

const run = promisify(execFile);
const { signal } = new AbortController();
const box = ['500000', '5003000', '506000', '4999400']; // 6 km × 3.6 km

describe.skipIf(!parts.gdal)('combineCogs, needs gdal', () => {
  let root: string;
  const files: [string, ...string[]] = ['', '', ''];
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'saccade-parts-'));
    const random = uniforms(randomKey('bands of three grids'));
    for (const [i, factor] of [2, 1, 6].entries()) {
      const [width, height] = [600 / factor, 360 / factor];
      const data = Buffer.from(Uint8Array.from({ length: width * height * 2 }, () => 256 * random.next().value));
      const strip = { ImageWidth: width, ImageLength: height, BitsPerSample: 16, RowsPerStrip: height };
      const { TileWidth, TileLength, ...fields } = plainFields;
      await writeFile(join(root, 'plain.tif'), buildTiff([{ fields: { ...fields, ...strip }, tiles: [data] }]));
      files[i] = join(root, `band-${i}.tif`);
      const cog = ['-of', 'COG', '-co', 'BLOCKSIZE=128', '-co', 'COMPRESS=DEFLATE', '-a_srs', 'EPSG:32633', '-a_ullr'];
      await run('gdal_translate', ['-q', ...cog, ...box, join(root, 'plain.tif'), files[i]]);
    }
    await run('gdalbuildvrt', ['-q', '-separate', '-resolution', 'highest', join(root, 'all.vrt'), ...files]);
  });
  afterAll(() => rm(root, { recursive: true }));

  it('has the pixels that GDAL has of bands at 10, 20 and 60 m, side by side on the finest grid', async () => {
    const reader = sceneReader({ allowPrivate: false, roots: [root], timeoutSeconds: 10, firstReadBytes: 32_768 });
    const cog = await reader.open(files, signal);
    // The others of the finest file are no whole number of times as large as the 100 pixels of the coarsest.
    expect(cog.levels.map(({ width, metresPerPixel }) => [width, metresPerPixel])).toEqual([
      [600, 10],
      [300, 20],
    ]);
    const windows = [
      { x: 0, y: 0, width: 600, height: 360 },
      { x: 119, y: 121, width: 143, height: 65 },
      { x: 599, y: 359, width: 1, height: 1 },
      { x: 5, y: 353, width: 13, height: 7 },
    ];
    const rasters = await cog.read(0, windows, signal);
    for (const [i, window] of windows.entries()) {
      const { data, bands } = rasters[i] ?? {};
      expect(bands).toBe(3);
      const gdals = await gdalPixels(join(root, 'all.vrt'), { window });
      expect(Buffer.from(data?.buffer ?? new ArrayBuffer(), data?.byteOffset, data?.byteLength).equals(gdals)).toBe(
        true,
      );
    }
  });

  it('has in each level what the files have in theirs', async () => {
    const reader = sceneReader({ allowPrivate: false, roots: [root], timeoutSeconds: 10, firstReadBytes: 32_768 });
    const cog = await reader.open(files, signal);
    const [raster] = await cog.read(1, [{ x: 0, y: 0, width: 300, height: 180 }], signal);
    const bands = [
      { path: files[0], factor: 1 },
      { path: files[1] ?? '', factor: 1, level: 0 },
      { path: files[2] ?? '', factor: 3 },
    ];
    for (const [band, { path, factor, ...level }] of bands.entries()) {
      const bytes = await gdalPixels(path, level);
      const wanted = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
      const width = 300 / factor;
      for (const [x, y] of [
        [0, 0],
        [299, 179],
        [100, 51],
      ] as const)
        expect(raster?.data[(y * 300 + x) * 3 + band]).toBe(
          wanted[Math.floor(y / factor) * width + Math.floor(x / factor)],
        );
    }
  });
});
