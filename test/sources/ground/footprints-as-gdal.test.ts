import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Position } from '../../../src/scene.ts';
import { openFile } from '../../../src/sources/open-file.ts';
import { buildTiff, plainFields, plainTiles } from '../../fakes/tiff-builder.ts';
import { gdalInfo } from '../../setup/gdal.ts';
import { parts } from '../../setup/parts.ts';
import { sharedData } from '../../shared-data.ts';

const run = promisify(execFile);
const { signal } = new AbortController();

/** The largest distance, in degrees, of a corner that GDAL finds from one that we find. */
async function distance(path: string): Promise<number> {
  const cog = await openFile(path, signal);
  const { width = 0, height = 0 } = cog.levels[0] ?? {};
  const ours = cog.footprint(0, { x: 0, y: 0, width, height });
  const corners = (ours?.type === 'Polygon' ? ours.coordinates[0] : undefined) ?? [];
  const gdals: readonly Position[] = (await gdalInfo(path)).wgs84Extent?.coordinates[0] ?? [];
  expect([corners.length, gdals.length]).toEqual([5, 5]);
  const nearest = ([x, y]: Position) =>
    Math.min(...corners.map(([u, v]) => Math.max(Math.abs(x - u), Math.abs(y - v))));
  return Math.max(...gdals.map(nearest));
}

const samples = ['naip-8192-rgb-jpeg.tif', 'ol_dop-rgb.tif', 'titiler_TCI.tif', 'deepforest_australia.tif'];

describe.skipIf(!parts.gdal || !parts.sharedData)('footprints, needs gdal and needs shared data', () => {
  it.each(samples)('of %s are those of GDAL', async (name) => {
    expect(await distance(sharedData(`samples/${name}`))).toBeLessThan(1e-6);
  });
});

/** A CRS and a box of it, west north east south. */
const systems: readonly (readonly [string, string])[] = [
  ['EPSG:4326', '10 50 11 49'],
  ['EPSG:4269', '-100 40 -99 39'],
  ['EPSG:32633', '500000 5000000 500640 4999360'],
  ['EPSG:32719', '300000 7000000 300640 6999360'],
  ['EPSG:25832', '500000 5500000 500640 5499360'],
  ['EPSG:3857', '1000000 6000000 1001000 5999000'],
  ['EPSG:3035', '4321000 3210000 4327000 3204000'],
  ['EPSG:5070', '100000 2000000 102000 1998000'],
  ['EPSG:2263', '980000 200000 981000 199000'],
  ['EPSG:3413', '100000 -1000000 130000 -1030000'],
  ['EPSG:3031', '100000 1000000 130000 970000'],
  ['EPSG:2154', '650000 6860000 651000 6859000'],
  ['+proj=laea +lat_0=52 +lon_0=10 +datum=WGS84 +units=m', '10000 20000 11000 19000'],
  ['+proj=sinu +R=6371007.181 +units=m', '1000000 4000000 1030000 3970000'],
  ['+proj=lcc +lat_1=33 +lat_2=45 +lat_0=39 +lon_0=-96 +datum=WGS84 +units=us-ft', '10000 20000 12000 18000'],
  [
    '+proj=utm +zone=33 +ellps=bessel +towgs84=598.1,73.7,418.2,0.202,0.045,-2.455,6.7',
    '500000 5000000 500640 4999360',
  ],
];

describe.skipIf(!parts.gdal)('footprints, needs gdal', () => {
  let folder: string;
  let plain: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-footprints-'));
    plain = join(folder, 'plain.tif');
    await writeFile(plain, buildTiff([{ fields: plainFields, tiles: plainTiles }]));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function reference(system: string, box: string, ...more: string[]): Promise<string> {
    const path = join(folder, 'scene.tif');
    await run('gdal_translate', [
      '-q',
      '-of',
      'GTiff',
      '-a_srs',
      system,
      '-a_ullr',
      ...box.split(' '),
      ...more,
      plain,
      path,
    ]);
    return path;
  }

  it.each(systems)('in %s are those of GDAL', async (system, box) => {
    expect(await distance(await reference(system, box))).toBeLessThan(1e-6);
  });

  it('of a file whose tie points name the centres of pixels are those of GDAL', async () => {
    const path = await reference('EPSG:32633', '500000 5000000 500640 4999360', '-mo', 'AREA_OR_POINT=Point');
    expect(await distance(path)).toBeLessThan(1e-6);
  });

  it.each([1, 2])('of a file with a matrix, turned and sheared, are those of GDAL (raster type %i)', async (type) => {
    const matrix = [8, 3, 0, 500_000, 2, -9, 0, 5_000_000, 0, 0, 0, 0, 0, 0, 0, 1];
    const keys = [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, type, 3072, 0, 1, 32633];
    const ground = { ModelTransformation: { type: 12, values: matrix }, GeoKeyDirectory: keys };
    const path = join(folder, 'matrix.tif');
    await writeFile(path, buildTiff([{ fields: { ...plainFields, ...ground }, tiles: plainTiles }]));
    expect(await distance(path)).toBeLessThan(1e-6);
    expect((await openFile(path, signal)).levels[0]?.metresPerPixel).toBeCloseTo(Math.hypot(8, 2), 9);
  });

  it.each([
    ['EPSG:32601', '320000 7210000 420000 7190000'],
    ['EPSG:3832', '3000000 1000000 4000000 0'],
    ['EPSG:4326', '170 10 190 -10'],
    ['EPSG:4326', '-190 10 -170 -10'],
  ])(
    'in %s across the antimeridian (%s) have the corners of GDAL, in two parts inside the world',
    async (system, box) => {
      const path = await reference(system, box);
      const cog = await openFile(path, signal);
      const found = cog.footprint(0, { x: 0, y: 0, width: 32, height: 32 });
      if (found?.type !== 'MultiPolygon') throw new Error('two areas');
      const points = found.coordinates.flat(2);
      expect(Math.max(...points.map(([longitude]) => Math.abs(longitude)))).toBe(180);
      const round = (longitude: number) => ((longitude % 360) + 360) % 360;
      for (const [x, y] of (await gdalInfo(path)).wgs84Extent?.coordinates[0] ?? [])
        expect(
          Math.min(...points.map(([u, v]) => Math.max(Math.abs(round(u) - round(x)), Math.abs(v - y)))),
        ).toBeLessThan(1e-6);
    },
  );

  it('are not told where the datum lies elsewhere and no shift is stated', async () => {
    const cog = await openFile(await reference('EPSG:27700', '400000 300000 401000 299000'), signal);
    expect(cog.footprint(0, { x: 0, y: 0, width: 1, height: 1 })).toBeNull();
    expect(cog.levels[0]?.metresPerPixel).toBe(1000 / 32);
  });
});
