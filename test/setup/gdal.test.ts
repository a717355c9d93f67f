import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gdalInfo, gdalPixels, validateCog } from './gdal.ts';
import { parts } from './parts.ts';

describe.skipIf(!parts.gdal)('the tools of GDAL, needs gdal', () => {
  let folder: string;
  let cog: string;
  let plain: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-gdal-test-'));
    [cog, plain] = [join(folder, 'cog.tif'), join(folder, 'plain.tif')];
    const image = ['-q', '-outsize', '1100', '600', '-bands', '2', '-burn', '7', '-burn', '9', '-a_srs', 'EPSG:32633'];
    const place = ['-a_ullr', '500000', '5000600', '501100', '5000000'];
    await promisify(execFile)('gdal_create', ['-of', 'GTiff', ...image, ...place, plain]);
    await promisify(execFile)('gdal_translate', ['-q', '-of', 'COG', '-co', 'BLOCKSIZE=256', plain, cog]);
  });

  afterAll(() => rm(folder, { recursive: true }));

  it('tells a COG from a plain GeoTIFF', async () => {
    expect(await validateCog(cog)).toEqual({ errors: [], warnings: [] });
    expect((await validateCog(plain)).errors.length + (await validateCog(plain)).warnings.length).toBeGreaterThan(0);
  });

  it('describes a file', async () => {
    const info = await gdalInfo(cog);
    expect([info.size, info.bands.length, info.geoTransform]).toEqual([[1100, 600], 2, [500000, 1, 0, 5000600, 0, -1]]);
    expect(info.bands[0]?.overviews?.[0]?.size).toEqual([550, 300]);
  });

  it('reads pixels of a window, of one band, of an overview', async () => {
    const window = { x: 5, y: 6, width: 2, height: 3 };
    expect([...(await gdalPixels(cog, { window }))]).toEqual([7, 9, 7, 9, 7, 9, 7, 9, 7, 9, 7, 9]);
    expect([...(await gdalPixels(cog, { window, band: 2 }))]).toEqual([9, 9, 9, 9, 9, 9]);
    expect((await gdalPixels(cog, { level: 0, band: 1 })).length).toBe(550 * 300);
  });
});
