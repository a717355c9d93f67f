import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { averageDown } from '../../src/sources/rasters/average-down.ts';
import { cropRaster } from '../../src/sources/rasters/crop-raster.ts';
import { makeMegapixelMnist } from '../../src/training/megapixel-mnist/make-megapixel-mnist.ts';
import { megapixelMnist } from '../../src/training/megapixel-mnist/megapixel-mnist.ts';
import { readDigits } from '../../src/training/megapixel-mnist/read-digits.ts';
import { type StoreSettings, sceneStore } from '../../src/training/scene-store.ts';
import { buildTiff, plainFields, plainTiles } from '../fakes/tiff-builder.ts';

const { signal } = new AbortController();
const colours = ['red', 'green', 'blue'].map((name) => ({ name, scale: 1, offset: 0 }));
const photographs: StoreSettings['model'] = {
  ...{ bands: colours, metresPerPixel: null, patch: { size: 32 } },
  overview: { scale: 4, resampling: 'average' },
};

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-store-'));
});

afterAll(() => rm(folder, { recursive: true }));

describe('sceneStore', () => {
  const windows = [
    { x: 0, y: 0, width: 32, height: 32 },
    { x: 171, y: 99, width: 32, height: 32 },
  ];

  it.each([
    ['nothing is kept', 0],
    ['there is no room', 1000],
    ['there is room', 1e6],
  ])('shows an image without levels alike where %s', async (_name, cacheBytes) => {
    const raw = { width: 203, height: 131, channels: 3 } as const;
    const pixels = Buffer.from(Array.from({ length: 203 * 131 * 3 }, (_, i) => (i * 31) % 251));
    await sharp(pixels, { raw }).png().toFile(join(folder, 'photograph.png'));
    const image = { data: Uint8Array.from(pixels), width: 203, height: 131, bands: 3 };
    const store = sceneStore({ model: photographs, cacheBytes, signal });
    for (let pass = 0; pass < 2; pass += 1) {
      const scene = await store.load(join(folder, 'photograph.png'));
      expect([scene.width, scene.height]).toEqual([203, 131]);
      expect(scene.overview).toEqual(await averageDown(image, 4, signal));
      expect(await scene.patches(windows)).toEqual(windows.map((window) => cropRaster(image, window)));
    }
  });

  it.each([
    ['keeps', 2 * 32 * 32, true],
    ['does not keep', 2 * 32 * 32 - 1, false],
  ])('%s a scene of 32 × 32 samples of two bytes in a room of %i bytes', async (_name, cacheBytes, isKept) => {
    const path = join(folder, 'sixteen.tif');
    const tiles = plainTiles.map(() => new Uint8Array(512).fill(7));
    await writeFile(path, buildTiff([{ fields: { ...plainFields, BitsPerSample: 16 }, tiles }]));
    const model = { ...photographs, bands: [{ name: 'grey', scale: 1, offset: 0 }] };
    const scene = await sceneStore({ model, cacheBytes, signal }).load(path);
    expect(scene.overview.data).toBeInstanceOf(Uint16Array);
    await rm(path); // only what is kept is still there
    const found = scene.patches([{ x: 0, y: 0, width: 32, height: 32 }]);
    if (isKept) expect((await found)[0]?.data).toEqual(new Uint16Array(32 * 32).fill(0x0707));
    else await expect(found).rejects.toMatchObject({ code: 'source.missing' });
  });

  it.each([
    ['average', { scale: 8 }, 8],
    ['reference', 'reference', 25 / 3],
  ] as const)(
    'shows a scene of Megapixel MNIST from its file, by %s, as it is made in memory',
    async (view, overview, scale) => {
      const digits = await readDigits('test');
      const settings = { seed: 3, split: 'test', size: 1500, noise: 50, order: 'reference' } as const;
      await makeMegapixelMnist({ ...settings, directory: join(folder, view), scenes: 1, view, digits });
      const made = megapixelMnist(digits, { ...settings, overview })(0);
      const bands = [{ name: 'grey', scale: 1 / 255, offset: 0 }];
      const resampling = view === 'average' ? 'average' : 'stored';
      const model = { bands, metresPerPixel: null, patch: { size: 50 }, overview: { scale, resampling } as const };
      const read = await sceneStore({ model, cacheBytes: 0, signal }).load(join(folder, view, 'scene-00000.tif'));
      expect([read.width, read.height]).toEqual([made.width, made.height]);
      expect(Buffer.from(read.overview.data).equals(Buffer.from((await made.overview(signal)).data))).toBe(true);
      expect(await read.patches(windows)).toEqual(await made.patches(windows));
    },
  );
});
