import { copyFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkScenes, type SceneCheck } from '../../src/training/check-scenes.ts';
import type { LabelledScene } from '../../src/training/labels.ts';
import { writeCog } from '../../src/training/write-cog.ts';

const bands = ['red', 'green', 'blue'].map((name) => ({ name, scale: 1, offset: 0 }));
const model: SceneCheck['model'] = {
  ...{ bands, metresPerPixel: 2, patch: { size: 100 } },
  overview: { scale: 4, resampling: 'average' },
};

let folder: string;

function noise(width: number, height: number): Buffer {
  return Buffer.from(Array.from({ length: width * height * 3 }, (_, i) => (i * i) % 251));
}

/** 600 × 600 pixels, as a COG with its patches' tiles behind its overviews. */
async function cog(file: string, pixelSize: number): Promise<void> {
  const georeference = { epsg: 32633, originX: 500_000, originY: 4_000_000, pixelSize };
  const render = ({ width, height }: { width: number; height: number }) => noise(width, height);
  await writeCog(join(folder, file), {
    width: 600,
    height: 600,
    render,
    georeference,
    encoding: { kind: 'rgb-jpeg', quality: 90 },
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-check-'));
  const picture = (width: number, height: number) =>
    sharp(noise(width, height), { raw: { width, height, channels: 3 } });
  await picture(200, 150).jpeg().toFile(join(folder, 'good.jpg'));
  await picture(100, 100).png().toFile(join(folder, 'good.png'));
  await picture(300, 99).png().toFile(join(folder, 'small.png'));
  await picture(200, 150).toColourspace('b-w').png().toFile(join(folder, 'grey.png'));
  const clear = { width: 200, height: 150, channels: 4, background: { r: 9, g: 9, b: 9, alpha: 0 } } as const;
  await sharp({ create: clear }).png().toFile(join(folder, 'clear.png'));
  const pillar = { width: 8, height: 150, channels: 4, background: { r: 9, g: 9, b: 9, alpha: 1 } } as const;
  await sharp({ create: clear })
    .composite([{ input: { create: pillar }, left: 192, top: 0 }])
    .png()
    .toFile(join(folder, 'border.png'));
  await cog('good.tif', 2);
  await cog('coarse.tif', 10);
  for (const [whole, cut] of [
    ['good.jpg', 'cut.jpg'],
    ['good.tif', 'cut.tif'],
  ] as const) {
    await copyFile(join(folder, whole), join(folder, cut));
    await truncate(join(folder, cut), (await readFile(join(folder, whole))).length - 1000);
  }
  await writeFile(join(folder, 'words.jpg'), 'no picture');
});

afterAll(() => rm(folder, { recursive: true }));

function scenes(...files: string[]): LabelledScene[] {
  return files.map((file) => ({ id: file, path: join(folder, file), class: 'any' }));
}

describe('checkScenes', () => {
  const signal = new AbortController().signal;

  it('finds nothing wrong with images and COGs that a model can be shown', async () => {
    const seen: number[] = [];
    const check = { model, signal, onScene: (done: number) => seen.push(done) };
    const found = await checkScenes(scenes('good.jpg', 'good.png', 'good.tif'), check);
    expect(found).toEqual({ mistakes: [], dataTypes: new Set(['uint8']) });
    expect(seen).toEqual([1, 2, 3]);
  });

  it('finds all that is wrong, a line a file, in their order', async () => {
    const files = [
      'gone.png',
      'good.png',
      'words.jpg',
      'cut.jpg',
      'small.png',
      'grey.png',
      'cut.tif',
      'coarse.tif',
      'clear.png',
    ];
    const { mistakes } = await checkScenes(scenes(...files), { model, signal });
    const expected = [
      /gone\.png: .*does not exist/,
      /words\.jpg: not a TIFF/,
      /cut\.jpg: not a JPEG that can be read/,
      /small\.png: the scene is smaller than a patch: 300 × 99 pixels where a patch has 100 × 100/,
      /grey\.png: the model needs the bands red, green, blue; the scene has/,
      /cut\.tif: /,
      /coarse\.tif: the model was trained at 2 metres per pixel; the scene's levels have 10/,
      /clear\.png: the scene has no data anywhere/,
    ];
    expect(mistakes).toEqual(expected.map((line) => expect.stringMatching(line)));
    for (const line of mistakes) expect(line.split('\n')).toHaveLength(1);
  });

  it('takes a scene of any ground size for a model that knows none', async () => {
    const anywhere = { ...model, metresPerPixel: null };
    const { mistakes } = await checkScenes(scenes('coarse.tif', 'good.jpg'), { model: anywhere, signal });
    expect(mistakes).toEqual([]);
  });

  it('finds scenes whose data lies in none of the cells that the attention network has, where that is known', async () => {
    const axis = [{ kernel: 3, stride: 3, dilation: 1, padding: 'valid' as const }];
    const stack = { x: axis, y: axis }; // 16 cells on 50 pixels: the last two are nobody's
    const check = (model: SceneCheck['model']) => checkScenes(scenes('border.png', 'good.png'), { model, signal });
    expect((await check(model)).mistakes).toEqual([]);
    expect((await check({ ...model, stack })).mistakes).toEqual([
      expect.stringMatching(/border\.png: no place in the scene has data/),
    ]);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const onScene = () => stop.abort(new Error('enough'));
    const checking = checkScenes(scenes(...new Array<string>(100).fill('good.png')), {
      model,
      signal: stop.signal,
      onScene,
    });
    await expect(checking).rejects.toThrow('enough');
  });
});
