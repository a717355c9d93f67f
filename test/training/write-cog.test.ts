import { mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Raster, Window } from '../../src/scene.ts';
import { openFile } from '../../src/sources/open-file.ts';
import { averageDown } from '../../src/sources/rasters/average-down.ts';
import { hash } from '../../src/training/harbour/noise.ts';
import { type CogContent, writeCog } from '../../src/training/write-cog.ts';
import { gdalInfo, gdalPixels, validateCog } from '../setup/gdal.ts';
import { parts } from '../setup/parts.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-cog-'));
  path = join(folder, 'scene.tif');
});

afterEach(() => rm(folder, { recursive: true }));

/** Smooth, so that JPEG loses little, and different at every place. */
function colourAt(x: number, y: number): readonly [number, number, number] {
  const wave = 40 * Math.sin(x / 9 + y / 13);
  return [120 + wave, 60 + wave + (x + y * 2) / 16, 180 + wave - (x * 2 + y) / 16];
}

function render({ x, y, width, height }: Window): Uint8Array {
  const pixels = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i += 1) {
    pixels.set(colourAt(x + (i % width), y + Math.floor(i / width)), i * 3);
  }
  return pixels;
}

function content(width: number, height: number, more: Partial<CogContent> = {}): CogContent {
  const georeference = { epsg: 32633, originX: 500_000, originY: 4_000_000, pixelSize: 2 };
  return { width, height, render, georeference, encoding: { kind: 'rgb-jpeg', quality: 95 }, ...more };
}

/** For levels of even size. */
function halved({ data, width, height }: Raster): Float64Array {
  const sample = (x: number, y: number, band: number) => data[(y * width + x) * 3 + band] as number;
  return Float64Array.from({ length: (width / 2) * (height / 2) * 3 }, (_, i) => {
    const [x, y] = [(Math.floor(i / 3) % (width / 2)) * 2, Math.floor(i / 3 / (width / 2)) * 2];
    const four = sample(x, y, i % 3) + sample(x + 1, y, i % 3) + sample(x, y + 1, i % 3) + sample(x + 1, y + 1, i % 3);
    return four / 4;
  });
}

function meanDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((sum, value, i) => sum + Math.abs(value - (b[i] as number)), 0) / a.length;
}

describe('writeCog', () => {
  it.each([
    [1024, 1024, [1024, 512, 256, 128, 64]],
    [700, 333, [700, 350, 175, 88, 44]],
    [5, 3, [5, 3, 2, 1, 1]],
    [5000, 40, [5000, 2500, 1250, 625, 313, 157]],
  ])('writes %i×%i with overviews to 1/16 at least, and until one fits a tile', async (width, height, widths) => {
    await writeCog(path, content(width, height));
    const cog = await openFile(path, AbortSignal.timeout(10_000));
    expect(cog.levels.map((level) => level.width)).toEqual(widths);
  });

  it('holds in each overview the 2×2 means of the next finer level, as near as JPEG keeps them', async () => {
    await writeCog(path, content(640, 512));
    const signal = AbortSignal.timeout(10_000);
    const cog = await openFile(path, signal);
    const levels = await Promise.all(
      cog.levels.map(({ width, height }, level) => cog.read(level, [{ x: 0, y: 0, width, height }], signal)),
    );
    for (const [index, [raster]] of levels.entries()) {
      const [finer] = levels[index - 1] ?? [];
      if (raster && finer) expect(meanDifference(raster.data, halved(finer))).toBeLessThan(2);
    }
  });

  it('wraps tiles as its ghost area says: length before, last four bytes behind, smallest level first', async () => {
    const bytes = await writeCog(path, content(512, 300));
    const file = await readFile(path);
    expect(file.length).toBe(bytes);
    expect(file.toString('latin1', 8, 8 + 43)).toBe('GDAL_STRUCTURAL_METADATA_SIZE=000140 bytes\n');
    const starts: number[] = [];
    for (let at = file.indexOf(Buffer.from([0xff, 0xd8, 0xff, 0xc0])) - 4; at < file.length; ) {
      const length = file.readUInt32LE(at);
      const tile = file.subarray(at + 4, at + 4 + length);
      expect(tile.subarray(-2)).toEqual(Buffer.from([0xff, 0xd9])); // the end of a JPEG stream
      expect(file.subarray(at + 4 + length, at + 8 + length)).toEqual(tile.subarray(-4));
      starts.push(at);
      at += length + 8;
    }
    expect(starts).toHaveLength(1 + 1 + 1 + 1 + 4); // 32×19, 64×38, 128×75, 256×150, 512×300
  });

  it('gives the same bytes for the same pixels', async () => {
    await writeCog(path, content(300, 300));
    await writeCog(`${path}2`, content(300, 300));
    expect(await readFile(`${path}2`)).toEqual(await readFile(path));
  });

  it('leaves nothing behind when it is stopped, and keeps the file that was there', async () => {
    await writeCog(path, content(64, 64));
    const before = await readFile(path);
    const stop = new AbortController();
    const stopping = (window: Window) => {
      if (window.y > 0) stop.abort(new Error('enough'));
      return render(window);
    };
    const stopped = writeCog(path, content(600, 600, { render: stopping, signal: stop.signal }));
    await expect(stopped).rejects.toThrow('enough');
    expect(await readdir(folder)).toEqual(['scene.tif']);
    expect(await readFile(path)).toEqual(before);
  });

  it('leaves nothing behind when a pixel cannot be made', async () => {
    const failing = () => {
      throw new Error('no paint');
    };
    await expect(writeCog(path, content(64, 64, { render: failing }))).rejects.toThrow('no paint');
    expect(await readdir(folder)).toEqual([]);
  });

  it('marks a BigTIFF as one', async () => {
    await writeCog(path, content(64, 64, { bigTiff: true }));
    const file = await open(path);
    const { buffer } = await file.read(Buffer.alloc(8), 0, 8, 0);
    await file.close();
    expect([...buffer]).toEqual([0x49, 0x49, 43, 0, 8, 0, 0, 0]);
  });
});

/** Any bytes will do where nothing may be lost. */
function renderGrey({ x, y, width, height }: Window): Uint8Array {
  return Uint8Array.from(
    { length: width * height },
    (_, i) => hash(x + (i % width), y + Math.floor(i / width), 5) & 255,
  );
}

function greyContent(width: number, height: number, more: Partial<CogContent> = {}): CogContent {
  return { width, height, render: renderGrey, encoding: { kind: 'grey-deflate' }, ...more };
}

async function readLevels(file: string): Promise<Raster[]> {
  const signal = AbortSignal.timeout(10_000);
  const cog = await openFile(file, signal);
  const whole = cog.levels.map(({ width, height }, level) => cog.read(level, [{ x: 0, y: 0, width, height }], signal));
  return (await Promise.all(whole)).flat();
}

describe('writeCog, in grey', () => {
  it.each([
    [512, 512],
    [700, 333],
    [5, 3],
  ])('keeps every pixel of %i×%i, and the exact averages of the coarser levels', async (width, height) => {
    await writeCog(path, greyContent(width, height));
    const levels = await readLevels(path);
    const same = (level: Raster | undefined, expected: Raster) =>
      level?.width === expected.width && Buffer.from(level.data).equals(Buffer.from(expected.data));
    expect(same(levels[0], { data: renderGrey({ x: 0, y: 0, width, height }), width, height, bands: 1 })).toBe(true);
    for (const [index, level] of levels.slice(1).entries())
      expect(same(level, await averageDown(levels[index] as Raster, 2, AbortSignal.timeout(60_000)))).toBe(true);
  });

  it('keeps a scene without anything in it in a few hundred bytes a tile', async () => {
    const bytes = await writeCog(path, greyContent(1024, 1024, { render: (w) => new Uint8Array(w.width * w.height) }));
    expect(bytes).toBeLessThan((16 + 4 + 1 + 1 + 1) * 300);
    expect((await readLevels(path))[0]?.data.some(Boolean)).toBe(false);
  });

  it('takes a coarser level that was made by other means, as it is', async () => {
    const overview = { width: 300, height: 290, pixels: renderGrey({ x: 7, y: 9, width: 300, height: 290 }) };
    await writeCog(path, greyContent(600, 580, { overview }));
    const levels = await readLevels(path);
    expect(levels.map(({ width }) => width)).toEqual([600, 300]);
    expect(levels[1]?.data).toEqual(overview.pixels);
  });

  it('says nothing of where it lies', async () => {
    await writeCog(path, greyContent(64, 64));
    const cog = await openFile(path, AbortSignal.timeout(10_000));
    expect([cog.levels[0]?.metresPerPixel, cog.footprint(0, { x: 0, y: 0, width: 1, height: 1 })]).toEqual([
      undefined,
      null,
    ]);
  });
});

describe.skipIf(!parts.gdal)('writeCog, needs gdal', () => {
  it.each([
    ['averages', {}],
    ['its own overview', { overview: { width: 84, height: 60, pixels: new Uint8Array(84 * 60).fill(9) } }],
  ])("pleases GDAL's validator in grey, with %s", async (_name, more) => {
    await writeCog(path, greyContent(700, 500, more));
    expect(await validateCog(path)).toEqual({ errors: [], warnings: [] });
    const { metadata } = await gdalInfo(path);
    expect(metadata['IMAGE_STRUCTURE']).toMatchObject({ LAYOUT: 'COG', COMPRESSION: 'DEFLATE' });
    expect(await gdalPixels(path)).toEqual(Buffer.from(renderGrey({ x: 0, y: 0, width: 700, height: 500 })));
  });

  it.each([
    [512, 512, false],
    [513, 700, false],
    [1, 1, false],
    [1300, 20, true],
  ])("pleases GDAL's validator with %i×%i, BigTIFF %s", async (width, height, bigTiff) => {
    await writeCog(path, content(width, height, { bigTiff }));
    expect(await validateCog(path)).toEqual({ errors: [], warnings: [] });
  });

  it('lies where its georeference says', async () => {
    await writeCog(path, content(1024, 512));
    const info = await gdalInfo(path);
    expect(info.geoTransform).toEqual([500_000, 2, 0, 4_000_000, 0, -2]);
    expect(info.coordinateSystem?.wkt).toContain('ID["EPSG",32633]');
    expect(info.metadata['IMAGE_STRUCTURE']).toMatchObject({ LAYOUT: 'COG', COMPRESSION: 'YCbCr JPEG' });
    expect(info.bands[0]?.overviews?.map(({ size }) => size)).toEqual([
      [512, 256],
      [256, 128],
      [128, 64],
      [64, 32],
    ]);
  });

  it('holds the pixels that were rendered', async () => {
    await writeCog(path, content(300, 270));
    const pixels = await gdalPixels(path);
    expect(meanDifference(pixels, render({ x: 0, y: 0, width: 300, height: 270 }))).toBeLessThan(2.5);
  });
});
