import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFile } from '../../../src/sources/open-file.ts';
import { type GdalBand, gdalPixels } from '../../setup/gdal.ts';
import { parts } from '../../setup/parts.ts';
import { sharedData } from '../../shared-data.ts';

const run = promisify(execFile);
const { signal } = new AbortController();

/** For each level the pixels that differ from GDAL's masks, of which a pixel needs one, and those without data. */
async function compare(path: string): Promise<{ different: number[]; without: number[] }> {
  const cog = await openFile(path, signal);
  const [different, without]: [number[], number[]] = [[], []];
  for (const [level, { width, height }] of cog.levels.entries()) {
    const [raster] = await cog.read(level, [{ x: 0, y: 0, width, height }], signal);
    const colours = Array.from({ length: cog.bands }, (_, band) => band).filter((band) => band !== cog.alpha);
    const masked = colours.map((band): GdalBand => `mask,${band + 1}`);
    const overview = level > 0 ? { level: level - 1 } : {};
    const masks = await gdalPixels(path, { ...overview, band: masked });
    const expected = Array.from({ length: width * height }, (_, i) =>
      masks.subarray(i * colours.length, (i + 1) * colours.length).some((mask) => mask !== 0),
    );
    different.push(expected.filter((valid, i) => valid !== (raster?.valid?.[i] !== 0)).length);
    without.push(expected.filter((valid) => !valid).length);
  }
  return { different, without };
}

describe.skipIf(!parts.gdal || !parts.sharedData)('which pixels have data, needs gdal and needs shared data', () => {
  it.each([
    'deepforest_australia.tif',
    'ol_sentinel-b04.tif',
    'opengeos_naip_20170827.tif',
    'rasterframes_LC08_B7_Memphis_COG.tiff',
    'titiler_TCI.tif',
  ])('is as GDAL says of %s, at every level', async (name) => {
    const { different } = await compare(sharedData(`samples/${name}`));
    expect(different).toEqual(different.map(() => 0));
  });
});

/** From a scene of four bands whose last one, where it is 0, serves as mask, alpha or nodata. */
const files = [
  ['an internal mask in a COG', ['-mask', '4'], ['-of', 'COG', '-co', 'COMPRESS=DEFLATE']],
  ['an internal mask beside JPEG', ['-mask', '4'], ['-of', 'COG', '-co', 'COMPRESS=JPEG']],
  ['an internal mask beside strips', ['-mask', '4'], ['-of', 'GTiff', '-co', 'BLOCKYSIZE=7']],
  ['an internal mask in BigTIFF, high byte first', ['-mask', '4'], ['-co', 'BIGTIFF=YES', '-co', 'ENDIANNESS=BIG']],
  ['alpha', ['-b', '4', '-colorinterp', 'red,green,blue,alpha'], ['-of', 'COG', '-co', 'COMPRESS=DEFLATE']],
  ['alpha in WebP', ['-b', '4', '-colorinterp', 'red,green,blue,alpha'], ['-of', 'COG', '-co', 'COMPRESS=WEBP']],
  ['alpha in planes', ['-b', '4', '-colorinterp', 'red,green,blue,alpha'], ['-co', 'INTERLEAVE=BAND']],
  ['nodata of bytes', ['-a_nodata', '0'], ['-of', 'COG', '-co', 'COMPRESS=DEFLATE']],
  ['nodata of 16 bits', ['-ot', 'Int16', '-a_nodata', '0'], ['-of', 'COG', '-co', 'COMPRESS=LZW']],
  ['nodata of floats', ['-ot', 'Float32', '-a_nodata', '0'], ['-of', 'COG', '-co', 'COMPRESS=DEFLATE']],
] as const;

describe.skipIf(!parts.gdal || !parts.sharedData)('no data as GDAL writes it, needs gdal and needs shared data', () => {
  let folder: string;
  let source: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-masks-'));
    source = join(folder, 'source.tif');
    // The orbit's border of a Sentinel-2 scene: black there, and so its own mask.
    const scene = sharedData('samples/titiler_TCI.tif');
    const bands = ['1', '2', '3', '1'].flatMap((band) => ['-b', band]);
    const scaled = ['-scale_4', '0', '1', '0', '255', '-a_nodata', 'none'];
    await run('gdal_translate', ['-q', ...bands, ...scaled, '-srcwin', '0', '0', '700', '500', scene, source]);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each(files)('is read from %s, at every level', async (name, choice, format) => {
    const path = join(folder, `${name}.tif`);
    const internal = ['--config', 'GDAL_TIFF_INTERNAL_MASK', 'YES'];
    const colours = ['-b', '1', '-b', '2', '-b', '3'];
    await run('gdal_translate', ['-q', ...internal, ...colours, ...choice, ...format, source, path]);
    const { different, without } = await compare(path);
    expect(different).toEqual(different.map(() => 0));
    expect(Math.min(...without)).toBeGreaterThan(0);
  });
});
