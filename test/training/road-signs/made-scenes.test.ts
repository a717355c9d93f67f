import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLabels } from '../../../src/training/labels.ts';
import { isMade, makeScene } from '../../../src/training/made-scenes.ts';
import { makeRoadSigns } from '../../../src/training/road-signs/make-road-signs.ts';
import { sceneStore } from '../../../src/training/scene-store.ts';

const { signal } = new AbortController();
const shown = { overview: { scale: 4, resampling: 'average' }, patch: { size: 64 } } as const;
const GREY = 90;

let folder: string;
let reference: string;

/** Two plain grey photographs, of which one has no sign. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-road-'));
  const photographs = join(folder, 'photographs');
  await mkdir(photographs);
  await writeFile(join(photographs, 'labels.csv'), 'file,label\nbare.png,none\nsigned.png,50\n');
  const create = { width: 160, height: 120, channels: 3, background: { r: GREY, g: GREY, b: GREY } } as const;
  for (const name of ['bare', 'signed'])
    await sharp({ create })
      .png()
      .toFile(join(photographs, `${name}.png`));
  reference = `road-signs?scenes=40&width=96&height=80&others=0&least=30&seed=4&photographs=${photographs}`;
});

afterAll(() => rm(folder, { recursive: true }));

describe('labelMade', () => {
  it('draws into photographs without signs alone, and gives every class its share', async () => {
    const scenes = await readLabels(reference, ['none', '30', '50', '70']);
    expect(new Set(scenes.map(({ class: label }) => label))).toEqual(new Set(['none', '30', '50', '70']));
    expect(scenes.every(({ path }) => path.endsWith('bare.png'))).toBe(true);
    expect(new Set(scenes.map(({ id }) => id)).size).toBe(40);
    await expect(readLabels(`${reference}&part=split=test`)).rejects.toThrow('selects 0 of 2 scenes');
  });

  it.each([
    ['scenes=5', /width: /],
    ['scenes=1000001&width=32769&height=96&photographs=x', /scenes: Too big[\s\S]*width: Too big.*<=32768/],
    ['scenes=5&width=96&height=80&photographs=x&signs=1001&others=1001', /signs: Too big[\s\S]*others: Too big/],
    ['scenes=5&width=96&height=80&photographs=nowhere', /nowhere is no data set/],
    ['scenes=5&width=96&height=80&photographs=x&colour=red', /Unrecognized key: "colour"/],
  ])('refuses %s', async (query, message) => {
    await expect(readLabels(`road-signs?${query}`)).rejects.toThrow(message);
  });
});

describe('makeScene', () => {
  it('draws a sign where its box says, and the same one each time', async () => {
    const scenes = await readLabels(reference);
    const scene = scenes.find(({ class: label }) => label === '50');
    const [box] = scene?.boxes ?? [];
    if (scene === undefined || box === undefined) throw new Error('no scene has a sign');
    expect(Math.min(box.x, box.y)).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(96);
    const [first, second] = [await makeScene(scene.path, shown, signal), await makeScene(scene.path, shown, signal)];
    const window = { x: 0, y: 0, width: 96, height: 80 };
    const [pixels, again] = [await first.patches([window]), await second.patches([window])];
    expect(pixels).toEqual(again);
    expect(first.overview).toMatchObject({ width: 24, height: 20, bands: 3 });
    const side = Math.round(box.width / 2);
    const [sign] = await first.patches([{ x: Math.ceil(box.x), y: Math.ceil(box.y), width: side, height: side }]);
    expect(sign?.data.some((value) => Math.abs(value - GREY) > 20)).toBe(true);
  });

  it('leaves a photograph without signs as it is, but for its packing', async () => {
    const scene = (await readLabels(reference)).find(({ class: label }) => label === 'none');
    const { patches } = await makeScene(scene?.path ?? '', shown, signal);
    const [whole] = await patches([{ x: 0, y: 0, width: 96, height: 80 }]);
    expect(whole?.data.every((value) => Math.abs(value - GREY) < 4)).toBe(true);
  });

  it('refuses a patch that is larger than the scenes', async () => {
    const [scene] = await readLabels(reference);
    await expect(makeScene(scene?.path ?? '', { ...shown, patch: { size: 81 } }, signal)).rejects.toThrow(
      'the scene is smaller than a patch: 96 × 80 of 81 pixels',
    );
  });
});

describe('makeRoadSigns', () => {
  it('writes the scenes that training is shown, with their labels and boxes', async () => {
    const order = { directory: join(folder, 'written'), reference, readLabels };
    expect(await makeRoadSigns(order)).toMatchObject({ complete: true, scenes: 40, made: 40 });
    const [made, written] = [await readLabels(reference), await readLabels(order.directory)];
    expect(written.map(({ class: label, boxes }) => ({ label, boxes: boxes?.length ?? 0 }))).toEqual(
      made.map(({ class: label, boxes }) => ({ label, boxes: boxes?.length ?? 0 })),
    );
    const bands = ['red', 'green', 'blue'].map((name) => ({ name, scale: 1 / 128, offset: -1 }));
    const store = sceneStore({ model: { ...shown, bands, metresPerPixel: null }, cacheBytes: 0, signal });
    const [there, here] = [await store.load(written[0]?.path ?? ''), await store.load(made[0]?.path ?? '')];
    const differences = there.overview.data.map((value, i) => Math.abs(value - (here.overview.data[i] as number)));
    expect(Math.max(...differences)).toBeLessThan(40);
    expect(await makeRoadSigns(order)).toMatchObject({ complete: true, made: 0 });
  });
});

describe('isMade', () => {
  it('tells what is made from folders and files', () => {
    expect(['road-signs?scenes=4', 'road-signs?scenes=4#2@a.jpg', 'road-signs', 'a.jpg'].map(isMade)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
