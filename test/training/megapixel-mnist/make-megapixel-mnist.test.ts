import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Raster } from '../../../src/scene.ts';
import { openFile } from '../../../src/sources/open-file.ts';
import { averageDown } from '../../../src/sources/rasters/average-down.ts';
import { readLabels } from '../../../src/training/labels.ts';
import {
  type MegapixelMnistOrder,
  makeMegapixelMnist,
} from '../../../src/training/megapixel-mnist/make-megapixel-mnist.ts';
import { megapixelMnist } from '../../../src/training/megapixel-mnist/megapixel-mnist.ts';
import { type Digits, readDigits } from '../../../src/training/megapixel-mnist/read-digits.ts';
import { validateCog } from '../../setup/gdal.ts';
import { parts } from '../../setup/parts.ts';

let directory: string;
let digits: Digits;

beforeAll(async () => {
  digits = await readDigits('test');
});

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'saccade-mnist-'));
});

afterEach(() => rm(directory, { recursive: true }));

const { signal } = new AbortController();
const settings = { seed: 9, split: 'test', size: 448, noise: 8, order: 'reference' } as const;

function order(more: Partial<MegapixelMnistOrder> = {}): MegapixelMnistOrder {
  return { ...settings, directory, scenes: 4, view: 'average', digits, ...more };
}

async function readLevels(file: string): Promise<Raster[]> {
  const signal = AbortSignal.timeout(10_000);
  const cog = await openFile(join(directory, file), signal);
  const whole = cog.levels.map(({ width, height }, level) => cog.read(level, [{ x: 0, y: 0, width, height }], signal));
  return (await Promise.all(whole)).flat();
}

async function contents(): Promise<Map<string, string>> {
  const files = (await readdir(directory)).sort();
  return new Map(
    await Promise.all(files.map(async (file) => [file, await readFile(join(directory, file), 'latin1')] as const)),
  );
}

describe('makeMegapixelMnist', () => {
  it('writes the very scenes that are made in memory, and labels them', async () => {
    const made = await makeMegapixelMnist(order());
    expect(made).toMatchObject({ complete: true, scenes: 4, made: 4 });
    const labels = await readLabels(directory);
    const sceneOf = megapixelMnist(digits, { ...settings, overview: { scale: 8 } });
    for (const [index, { path, class: name }] of labels.entries()) {
      const scene = sceneOf(index);
      const levels = await readLevels(path.slice(directory.length + 1));
      expect(levels.map(({ width }) => width)).toEqual([448, 224, 112, 56, 28]);
      const painted = scene.paint({ x: 0, y: 0, width: 448, height: 448 });
      expect(Buffer.from(levels[0]?.data ?? []).equals(painted)).toBe(true); // toEqual is slow on big arrays
      const overview = await scene.overview(signal);
      expect(levels[3]).toEqual(overview);
      expect(levels[4]).toEqual(await averageDown(overview, 2, signal));
      expect(name).toBe(scene.class);
    }
  });

  it("writes the reference's low view in place of averages, where that is wanted", async () => {
    await makeMegapixelMnist(order({ view: 'reference', scenes: 1, size: 1500, noise: 50 }));
    const scene = megapixelMnist(digits, { ...settings, size: 1500, noise: 50, overview: 'reference' })(0);
    const levels = await readLevels('scene-00000.tif');
    expect(levels.map(({ width, height }) => [width, height])).toEqual([
      [1500, 1500],
      [180, 180],
    ]);
    expect(levels[1]).toEqual(await scene.overview(signal));
  });

  it('keeps what is there, and makes what is missing as it was', async () => {
    await makeMegapixelMnist(order());
    const before = await contents();
    await rm(join(directory, 'scene-00002.tif'));
    expect(await makeMegapixelMnist(order())).toMatchObject({ complete: true, scenes: 4, made: 1 });
    expect(await contents()).toEqual(before);
    expect(await makeMegapixelMnist(order({ scenes: 5 }))).toMatchObject({ complete: true, made: 1 });
    expect(await readLabels(directory)).toHaveLength(5);
  });

  it('stops when it is told to, leaves only whole scenes, and goes on', async () => {
    const stop = new AbortController();
    const onScene = (done: number) => {
      if (done === 3) stop.abort(new Error('enough'));
    };
    const made = await makeMegapixelMnist(order({ scenes: 40, signal: stop.signal, onScene }));
    expect(made.complete).toBe(false);
    const files = await readdir(directory);
    expect(files.filter((file) => /^scene-\d{5}\.tif$/.test(file))).toHaveLength(made.scenes);
    expect(files).toHaveLength(made.scenes + 1); // dataset.json
    expect(await makeMegapixelMnist(order({ scenes: 40 }))).toMatchObject({ complete: true, made: 40 - made.scenes });
  });

  it('does not mix data sets in a folder', async () => {
    await makeMegapixelMnist(order({ scenes: 1 }));
    const others: Partial<MegapixelMnistOrder>[] = [
      { seed: 10 },
      { noise: 9 },
      { order: 'visible' },
      { view: 'reference' },
    ];
    for (const other of others)
      await expect(makeMegapixelMnist(order(other))).rejects.toThrow(/holds another data set/);
  });
});

describe.skipIf(!parts.gdal)('makeMegapixelMnist, needs gdal', () => {
  it.each(['average', 'reference'] as const)("pleases GDAL's validator, with the view by %s", async (view) => {
    await makeMegapixelMnist(order({ scenes: 1, size: 1500, view }));
    expect(await validateCog(join(directory, 'scene-00000.tif'))).toEqual({ errors: [], warnings: [] });
  });
});
