import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFile } from '../../src/sources/open-file.ts';
import { buildTiff, plainFields } from '../fakes/tiff-builder.ts';
import { validateCog } from '../setup/gdal.ts';
import { parts } from '../setup/parts.ts';
import { sharedData } from '../shared-data.ts';

const run = promisify(execFile);
const { signal } = new AbortController();

async function both(path: string) {
  const ours = (await openFile(path, signal)).faults();
  const theirs = await validateCog(path);
  return { ours, theirs };
}

function verdict({ errors, warnings }: { readonly errors: readonly string[]; readonly warnings: readonly string[] }) {
  return { valid: errors.length === 0, good: warnings.length === 0 };
}

/** How each file is made of a plain one of 1200 × 1100 pixels; whether it is a COG is GDAL's to say. */
const recipes: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'a COG': [['gdal_translate', '-of', 'COG', 'IN', 'OUT']],
  'a COG in BigTIFF': [['gdal_translate', '-of', 'COG', '-co', 'BIGTIFF=YES', 'IN', 'OUT']],
  'a COG with a mask': [['gdal_translate', '-of', 'COG', '-mask', '1', 'IN', 'OUT']],
  'a COG that was edited': [
    ['gdal_translate', '-of', 'COG', 'IN', 'OUT'],
    ['gdal_edit.py', '-mo', 'A=B', 'OUT'],
  ],
  'a COG whose overviews were made anew': [
    ['gdal_translate', '-of', 'COG', 'IN', 'OUT'],
    ['gdaladdo', '-q', '-clean', 'OUT'],
    ['gdaladdo', '-q', 'OUT', '2', '4'],
  ],
  tiles: [['gdal_translate', '-co', 'TILED=YES', 'IN', 'OUT']],
  'tiles in BigTIFF': [['gdal_translate', '-co', 'TILED=YES', '-co', 'BIGTIFF=YES', 'IN', 'OUT']],
  'tiles with overviews behind': [
    ['gdal_translate', '-co', 'TILED=YES', 'IN', 'OUT'],
    ['gdaladdo', '-q', 'OUT', '2', '4'],
  ],
  strips: [['gdal_translate', 'IN', 'OUT']],
  'narrow strips': [['gdal_translate', '-srcwin', '0', '0', '700', '1100', 'IN', 'OUT']],
  'a small file': [['gdal_translate', '-srcwin', '0', '0', '100', '100', 'IN', 'OUT']],
  'sparse tiles': [
    ['gdal_translate', '-co', 'TILED=YES', '-co', 'SPARSE_OK=YES', '-scale', '0', '1', '0', '0', 'IN', 'OUT'],
  ],
  'overviews copied to the front': [
    ['gdal_translate', '-co', 'TILED=YES', 'IN', 'MID'],
    ['gdaladdo', '-q', 'MID', '2', '4'],
    ['gdal_translate', '-co', 'TILED=YES', '-co', 'COPY_SRC_OVERVIEWS=YES', 'MID', 'OUT'],
  ],
  'overviews out of order': [
    ['gdal_translate', '-co', 'TILED=YES', 'IN', 'OUT'],
    ['gdaladdo', '-q', 'OUT', '4'],
    ['gdaladdo', '-q', 'OUT', '2'],
  ],
};

describe.skipIf(!parts.gdal)('cogFaults, needs gdal', () => {
  let folder: string;
  const judged: boolean[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-cog-'));
    const size = { ImageWidth: 1200, ImageLength: 1100, RowsPerStrip: 1100 };
    const { TileWidth, TileLength, ...fields } = plainFields;
    const pixels = Uint8Array.from({ length: 1200 * 1100 }, (_, i) => (i * 2654435761) >>> 24);
    await writeFile(join(folder, 'in.tif'), buildTiff([{ fields: { ...fields, ...size }, tiles: [pixels] }]));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each(Object.keys(recipes))('judges %s as GDAL does', async (name) => {
    const at = { IN: join(folder, 'in.tif'), MID: join(folder, 'mid.tif'), OUT: join(folder, 'out.tif') };
    await rm(at.OUT, { force: true });
    for (const [program = '', ...args] of recipes[name] ?? [])
      await run(
        program,
        args.map((arg) => (arg in at ? at[arg as keyof typeof at] : arg)),
      );
    const { ours, theirs } = await both(at.OUT);
    expect(verdict(ours)).toEqual(verdict(theirs));
    expect(ours.errors.every((error) => error.length > 20)).toBe(true);
    judged.push(ours.errors.length === 0);
  });

  it('has found valid ones and others', () => {
    expect(judged).toHaveLength(Object.keys(recipes).length);
    expect(judged.filter((valid) => valid).length).toBeGreaterThan(4);
    expect(judged.filter((valid) => !valid).length).toBeGreaterThan(4);
  });

  it
    .skipIf(!parts.sharedData)
    .each([
      'naip-8192-rgb-jpeg.tif',
      'ol_dop-rgb.tif',
      'ol_sentinel-b04.tif',
      'titiler_TCI.tif',
      'deepforest_australia.tif',
      'opengeos_naip_20170827.tif',
      'rasterframes_LC08_B7_Memphis_COG.tiff',
    ])('judges %s as GDAL does, needs shared data', async (name) => {
    const { ours, theirs } = await both(sharedData(`samples/${name}`));
    expect(verdict(ours)).toEqual(verdict(theirs));
  });
});
