import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkScenes } from '../../../src/training/check-scenes.ts';
import { readLabels } from '../../../src/training/labels.ts';
import { isMade, labelMade, makeScene } from '../../../src/training/megapixel-mnist/made-scenes.ts';
import { makeMegapixelMnist } from '../../../src/training/megapixel-mnist/make-megapixel-mnist.ts';
import { readDigits } from '../../../src/training/megapixel-mnist/read-digits.ts';
import { type StoreSettings, sceneStore } from '../../../src/training/scene-store.ts';

const reference = 'megapixel-mnist?scenes=40&size=448&noise=8&seed=6&split=test';
const model: StoreSettings['model'] = {
  ...{ bands: [{ name: 'grey', scale: 1 / 255, offset: 0 }], metresPerPixel: null, patch: { size: 50 } },
  overview: { scale: 8, resampling: 'average' },
};
const classes = Array.from({ length: 10 }, (_, digit) => String(digit));
const { signal } = new AbortController();

describe('labelMade', () => {
  it('stands for the very data set that is written for the same settings', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'saccade-made-'));
    const digits = await readDigits('test');
    const settings = { seed: 6, split: 'test', size: 448, noise: 8, order: 'reference' } as const;
    await makeMegapixelMnist({ ...settings, directory, scenes: 4, view: 'average', digits });
    const [written, made] = [await readLabels(directory), await readLabels(reference, classes)];
    expect(made).toHaveLength(40);
    const store = sceneStore({ model, cacheBytes: 1e8, signal });
    for (const [i, scene] of written.entries()) {
      expect([made[i]?.class, made[i]?.boxes]).toEqual([scene.class, scene.boxes]);
      const [there, here] = [await store.load(scene.path), await store.load(made[i]?.path ?? '')];
      expect(here.overview).toEqual(there.overview);
      const windows = [{ x: 211, y: 97, width: 50, height: 50 }];
      expect(await here.patches(windows)).toEqual(await there.patches(windows));
    }
    await rm(directory, { recursive: true });
  });

  it('names each scene once, and lets them be selected as others are', async () => {
    expect(new Set((await labelMade(reference)).map(({ id }) => id)).size).toBe(40);
    expect(await readLabels(`${reference}#fold=1/4`)).toHaveLength(10);
  });

  it.each([
    ['scenes=0', /scenes: Too small/],
    ['size=448', /scenes: /],
    ['scenes=1000001', /scenes: Too big: expected number to be <=1000000/],
    ['scenes=5&size=32769&noise=100001', /size: Too big.*<=32768[\s\S]*noise: Too big.*<=100000/],
    ['scenes=5&size=100', /size: 5 digits want 138 pixels at least/],
    ['scenes=5&size=100&others=0', /size: 3 digits want 105 pixels at least/],
    ['scenes=5&colour=red', /Unrecognized key: "colour"/],
    ['scenes=5&others=3', /others: Too big: expected number to be <=2/],
    ['scenes=5&split=both', /split: .*"train"\|"test"/],
  ])('refuses %s', async (query, message) => {
    await expect(readLabels(`megapixel-mnist?${query}`)).rejects.toThrow(message);
  });

  it('refuses a model of other classes', async () => {
    await expect(readLabels(reference, ['none', 'ferry'])).rejects.toThrow(
      /is labelled \d, which is no class of the model/,
    );
  });
});

describe('makeScene', () => {
  it('refuses a patch that is larger than the scenes', async () => {
    const [scene] = await labelMade(reference);
    await expect(makeScene(scene?.path ?? '', { ...model, patch: { size: 449 } }, signal)).rejects.toThrow(
      /smaller than a patch/,
    );
    const { mistakes } = await checkScenes(scene ? [scene] : [], { model: { ...model, patch: { size: 449 } }, signal });
    expect(mistakes).toEqual([expect.stringContaining('seed=6&split=test#0: the scene is smaller than a patch')]);
  });

  it("shows the reference's low view to a model whose overview is stored", async () => {
    const [scene] = await labelMade('megapixel-mnist?scenes=1&split=test');
    const overview = { scale: 25 / 3, resampling: 'stored' as const };
    expect(await makeScene(scene?.path ?? '', { ...model, overview }, signal)).toMatchObject({
      overview: { width: 180, height: 180 },
    });
  });
});

describe('isMade', () => {
  it('tells what is made from folders and files', () => {
    expect([reference, `${reference}#12`].map(isMade)).toEqual([true, true]);
    expect(['megapixel-mnist', 'data/megapixel-mnist?', 'a.tif#1'].map(isMade)).toEqual([false, false, false]);
  });
});
