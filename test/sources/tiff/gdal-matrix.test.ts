import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SceneError } from '../../../src/errors.ts';
import type { Raster, Window } from '../../../src/scene.ts';
import type { Cog } from '../../../src/sources/cog.ts';
import { openFile } from '../../../src/sources/open-file.ts';
import { cropRaster } from '../../../src/sources/rasters/crop-raster.ts';
import { pythonWithGdal } from '../../setup/gdal.ts';
import { parts } from '../../setup/parts.ts';
import { type Storage, storages } from '../../setup/storages.ts';

const { signal } = new AbortController();
const matrix = storages();
const codecs = [...new Set(matrix.map(({ codec }) => codec))];

type Written = { readonly levels: readonly { width: number; height: number }[] } | { readonly refused: string };

/** `equal`, a code with its reason, or `different` and where. */
type Verdict = { readonly kind: 'equal' | 'unsupported' | 'different'; readonly why: string };

/** One process of GDAL writes all of them, and what it reads back beside them. */
function write(folder: string): Promise<Written[]> {
  return new Promise((resolve, reject) => {
    const script = new URL('../../setup/write-storages.py', import.meta.url).pathname;
    void pythonWithGdal().then((python) => {
      const child = execFile(python, [script], { maxBuffer: 64 << 20, timeout: 240_000 }, (error, stdout) =>
        error ? reject(error) : resolve(JSON.parse(stdout)),
      );
      child.stdin?.end(JSON.stringify({ folder, storages: matrix }));
    });
  });
}

async function judge(path: string, storage: Storage, written: Written): Promise<Verdict> {
  if ('refused' in written) return { kind: 'different', why: `GDAL did not write it: ${written.refused}` };
  try {
    const cog = await openFile(`${path}.tif`, signal);
    for (const [level, size] of written.levels.entries()) {
      const why = await differs(cog, level, size, { path, storage });
      if (why) return { kind: 'different', why: `level ${level}: ${why}` };
    }
    return { kind: 'equal', why: '' };
  } catch (error) {
    const typed = error instanceof SceneError && error.code === 'cog.unsupported';
    return { kind: typed ? 'unsupported' : 'different', why: error instanceof Error ? error.message : String(error) };
  }
}

type File = { readonly path: string; readonly storage: Storage };

async function differs(cog: Cog, level: number, size: { width: number; height: number }, file: File) {
  const { width, height } = cog.levels[level] ?? {};
  if (width !== size.width || height !== size.height)
    return `${width} × ${height} in place of ${size.width} × ${size.height}`;
  const windows = windowsOf(width, height);
  const rasters = await cog.read(level, windows, signal);
  const [all] = rasters;
  if (!all) return 'no raster';
  const crops = windows.map((window) => cropRaster(all, window));
  const part = rasters.findIndex((raster, i) => Buffer.compare(bytesOf(raster), bytesOf(crops[i])) !== 0);
  if (part >= 0) return `window ${part} is not what lies under it in the whole`;
  const { path, storage } = file;
  const expected = new (all.data.constructor as Uint8ArrayConstructor)(
    (await bytesAt(`${path}.${level}.pixels`)).buffer,
  );
  return (
    offBy(all.data, expected, storage.levels) ??
    (storage.tolerance && offBy(all.data, await original(path, all), storage.tolerance)) ??
    // A tile that was left out has no data for us, and zeros for GDAL.
    (storage.options.includes('SPARSE_OK=YES') ? undefined : otherData(all, await bytesAt(`${path}.${level}.valid`)))
  );
}

/** All of it, within a tile, over the borders of some, and the last corner. */
function windowsOf(width: number, height: number): Window[] {
  const [x, y] = [Math.floor(width / 3), Math.floor(height / 4)];
  return [
    { x: 0, y: 0, width, height },
    { x: 1, y: 1, width: 5, height: 3 },
    { x, y, width: width - x - 3, height: height - y - 1 },
    { x: width - 1, y: height - 1, width: 1, height: 1 },
    { x: 0, y: height - 2, width, height: 1 },
  ];
}

function offBy(ours: ArrayLike<number>, theirs: ArrayLike<number>, most: number): string | undefined {
  if (ours.length !== theirs.length) return `${ours.length} samples where GDAL has ${theirs.length}`;
  for (let i = 0; i < ours.length; i += 1) {
    const [a, b] = [ours[i] as number, theirs[i] as number];
    if (!Object.is(a, b) && !(Math.abs(a - b) <= most)) return `sample ${i} is ${a} in place of ${b}`;
  }
  return undefined;
}

/** A pixel of which a number is not finite has no data for us; of any other it is as GDAL says. */
function otherData({ data, valid, width, height, bands }: Raster, masks: Uint8Array): string | undefined {
  const finite = (pixel: number) => data.subarray(pixel * bands, (pixel + 1) * bands).every(Number.isFinite);
  const expected = masks.map((mask, pixel) => (mask === 1 && finite(pixel) ? 1 : 0));
  return offBy(valid ?? new Uint8Array(width * height).fill(1), expected, 0)?.replace('sample', 'validity of pixel');
}

async function original(path: string, { data }: Raster): Promise<ArrayLike<number>> {
  return new (data.constructor as Uint8ArrayConstructor)((await bytesAt(`${path}.original`)).buffer);
}

async function bytesAt(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(path)); // a buffer of its own, from which arrays of all types can begin
}

function bytesOf(raster: Raster | undefined): Uint8Array {
  if (!raster) return new Uint8Array();
  return new Uint8Array(raster.data.buffer, raster.data.byteOffset, raster.data.byteLength);
}

describe.skipIf(!parts.gdal)('openFile on all storages, needs gdal', () => {
  let folder: string;
  let written: Written[];
  const verdicts = new Map<Storage, Verdict>();
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-matrix-'));
    written = await write(folder);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each(codecs)('reads what GDAL writes in %s as GDAL does, or refuses it with a code', async (codec) => {
    for (const [i, storage] of matrix.entries()) {
      if (storage.codec !== codec) continue;
      verdicts.set(storage, await judge(join(folder, storage.file), storage, written[i] as Written));
    }
    const of = [...verdicts].filter(([storage]) => storage.codec === codec);
    const wrong = of.filter(([, { kind }]) => kind === 'different').map(([{ name }, { why }]) => `${name}: ${why}`);
    expect(wrong).toEqual([]);
    const refused = of.filter(([{ beyond }, { kind }]) => kind === 'unsupported' && !beyond);
    expect(refused.map(([{ name }, { why }]) => `${name}: ${why}`)).toEqual([]);
  });

  it('equals GDAL in 90 % of at least 400 files, and lists in docs/formats.md what it refuses', async () => {
    const count = (wanted: Verdict['kind']) => [...verdicts.values()].filter(({ kind }) => kind === wanted).length;
    const refusals = new Set([...verdicts.values()].filter(({ kind }) => kind === 'unsupported').map(({ why }) => why));
    console.log(`${verdicts.size} files: ${count('equal')} equal to GDAL, ${count('unsupported')} refused`);
    const listed = [...readFileSync('docs/formats.md', 'utf8').matchAll(/^\| `([^`]+)` \|/gm)].map(([, why]) => why);
    expect([...refusals].sort()).toEqual(listed.sort());
    expect(verdicts.size).toBe(matrix.length);
    expect(verdicts.size).toBeGreaterThanOrEqual(400);
    expect(count('equal') / verdicts.size).toBeGreaterThanOrEqual(0.9);
  });
});
