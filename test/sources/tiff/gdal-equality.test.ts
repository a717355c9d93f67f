import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Raster, Window } from '../../../src/scene.ts';
import { openFile } from '../../../src/sources/open-file.ts';
import { gdalPixels } from '../../setup/gdal.ts';
import { parts } from '../../setup/parts.ts';
import { sharedData } from '../../shared-data.ts';

const run = promisify(execFile);
const { signal } = new AbortController();

const samples = [
  'deepforest_australia.tif',
  'naip-8192-rgb-jpeg.tif',
  'ol_dop-rgb.tif',
  'ol_sentinel-b04.tif',
  'ol_sentinel-b08.tif',
  'opengeos_naip_20170827.tif',
  'rasterframes_LC08_B7_Memphis_COG.tiff',
  'titiler_TCI.tif',
];

/** Samples that differ, and by how much at most. */
async function difference(path: string, level: number, window: Window, raster: Raster | undefined): Promise<string> {
  if (!raster) return 'no raster';
  const overview = level > 0 ? { level: level - 1 } : {};
  const bytes = new Uint8Array(await gdalPixels(path, { window, ...overview }));
  const ours = new Uint8Array(raster.data.buffer, raster.data.byteOffset, raster.data.byteLength);
  if (ours.length !== bytes.length) return `${ours.length} bytes where GDAL has ${bytes.length}`;
  return Buffer.compare(ours, bytes) === 0 ? 'none' : `at byte ${ours.findIndex((byte, i) => byte !== bytes[i])}`;
}

describe.skipIf(!parts.gdal || !parts.sharedData)('openFile on real scenes, needs gdal and needs shared data', () => {
  it.each(samples)('reads %s as GDAL does, at every level', async (name) => {
    const path = sharedData(`samples/${name}`);
    const cog = await openFile(path, signal);
    for (const [level, { width, height }] of cog.levels.entries()) {
      // The last corner, where tiles are cut off, and several tiles beside it.
      const [w, h] = [Math.min(700, width), Math.min(700, height)];
      const window = { x: width - w, y: height - h, width: w, height: h };
      const [raster] = await cog.read(level, [window], signal);
      expect(await difference(path, level, window, raster)).toBe('none');
    }
  });
});

/** Each a set of options for GDAL's GTiff writer, which between them name every way of storing pixels that we read. */
const codecs = ['NONE', 'DEFLATE', 'LZW', 'ZSTD', 'PACKBITS'];
const types = ['Byte', 'UInt16', 'Int32', 'Float32', 'Float64'];
const tiled = ['TILED=YES', 'BLOCKXSIZE=64', 'BLOCKYSIZE=48'];
const striped = ['BLOCKYSIZE=10'];

function storages(): { name: string; bands: number; type: string; options: string[] }[] {
  const lossless = codecs.flatMap((codec, c) =>
    types.flatMap((type, t) =>
      predictors(codec, type).map((predictor, p) => {
        // Layout, interleave, byte order and BigTIFF take turns: every pair of them comes up somewhere.
        const turn = c + t + p;
        const bands = turn % 2 === 0 ? 3 : 1;
        const order = turn % 3 === 0 && predictor !== 3 ? 'BIG' : 'LITTLE';
        const options = [
          `COMPRESS=${codec}`,
          ...(predictor > 1 ? [`PREDICTOR=${predictor}`] : []),
          `INTERLEAVE=${turn % 4 < 2 ? 'PIXEL' : 'BAND'}`,
          `ENDIANNESS=${order}`,
          `BIGTIFF=${turn % 5 === 0 ? 'YES' : 'NO'}`,
          ...(turn % 7 < 4 ? tiled : striped),
        ];
        return { name: options.join(' '), bands, type, options };
      }),
    ),
  );
  const jpeg = ['YCBCR', 'RGB'].flatMap((photometric) =>
    [tiled, ['BLOCKYSIZE=16']].map((blocks) => ['COMPRESS=JPEG', `PHOTOMETRIC=${photometric}`, ...blocks]),
  );
  const lossy = [...jpeg, ['COMPRESS=JPEG', 'INTERLEAVE=BAND', ...tiled], ['COMPRESS=WEBP', ...tiled]];
  return [
    ...lossless,
    ...lossy.map((options) => ({ name: options.join(' '), bands: 3, type: 'Byte', options })),
    { name: 'JPEG of four bands', bands: 4, type: 'Byte', options: ['COMPRESS=JPEG', ...tiled] },
    { name: 'grey JPEG', bands: 1, type: 'Byte', options: ['COMPRESS=JPEG', ...tiled] },
    {
      name: 'lossless WebP with alpha',
      bands: 4,
      type: 'Byte',
      options: ['COMPRESS=WEBP', 'WEBP_LOSSLESS=YES', ...tiled],
    },
  ];
}

function predictors(codec: string, type: string): readonly number[] {
  if (codec === 'NONE' || codec === 'PACKBITS') return [1];
  return type.startsWith('Float') ? [1, 2, 3] : [1, 2];
}

describe.skipIf(!parts.gdal || !parts.sharedData)('openFile on all storages, needs gdal and needs shared data', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-storages-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each(storages())('reads $bands × $type, $name, as GDAL does', async ({ bands, type, options }) => {
    const path = join(folder, 'scene.tif');
    const scale = type === 'Byte' ? [] : ['-scale', '0', '255', '0', '30000'];
    const chosen = Array.from({ length: bands }, (_, i) => ['-b', String(i + 1)]).flat();
    const write = options.flatMap((option) => ['-co', option]);
    const source = sharedData('samples/opengeos_naip_20170827.tif');
    const cut = ['-srcwin', '300', '200', '213', '157'];
    await run('gdal_translate', [
      '-q',
      '-of',
      'GTiff',
      ...cut,
      '-ot',
      type,
      ...scale,
      ...chosen,
      ...write,
      source,
      path,
    ]);
    const cog = await openFile(path, signal);
    const whole = { x: 0, y: 0, width: 213, height: 157 };
    const part = { x: 61, y: 33, width: 70, height: 101 };
    const [raster, partOnly] = await cog.read(0, [whole, part], signal);
    expect(await difference(path, 0, whole, raster)).toBe('none');
    expect(partOnly?.data).toEqual(crop(raster, part));
  });
});

function crop(raster: Raster | undefined, { x, y, width, height }: Window): Raster['data'] | undefined {
  return raster?.data.filter((_, i) => {
    const pixel = Math.floor(i / raster.bands);
    const [column, row] = [pixel % raster.width, Math.floor(pixel / raster.width)];
    return column >= x && column < x + width && row >= y && row < y + height;
  });
}
