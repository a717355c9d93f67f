import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openImage } from '../../src/sources/open-image.ts';
import { viewScene } from '../../src/sources/scene-view.ts';
import { buildTiff, plainFields, plainTiles } from '../fakes/tiff-builder.ts';

const { signal } = new AbortController();
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-image-'));
  path = join(folder, 'image'); // its name says nothing of its kind
});

afterEach(() => rm(folder, { recursive: true }));

/** 6 × 4 pixels, each of its own colour. */
function pixels(channels: 1 | 2 | 3 | 4): Buffer {
  return Buffer.from(Array.from({ length: 24 * channels }, (_, i) => (i * 37) % 251));
}

function image(channels: 1 | 2 | 3 | 4) {
  return sharp(pixels(channels), { raw: { width: 6, height: 4, channels } });
}

const whole = { x: 0, y: 0, width: 6, height: 4 };

describe('openImage', () => {
  it('opens a PNG as one level of three colours, and reads its windows', async () => {
    await image(3).png().toFile(path);
    const opened = await openImage(path, signal);
    expect(opened).toMatchObject({ bands: 3, bandNames: [['red'], ['green'], ['blue']], alpha: undefined });
    expect(opened.levels).toEqual([{ width: 6, height: 4, tileWidth: 6, tileHeight: 4, metresPerPixel: undefined }]);
    const [all, corner] = await opened.read(0, [whole, { x: 4, y: 3, width: 2, height: 1 }], signal);
    expect(all).toEqual({ data: Uint8Array.from(pixels(3)), width: 6, height: 4, bands: 3 });
    expect(corner?.data).toEqual(Uint8Array.from(pixels(3).subarray((3 * 6 + 4) * 3)));
  });

  it('opens one band of grey as one without a name', async () => {
    await image(1).toColourspace('b-w').png().toFile(path);
    const opened = await openImage(path, signal);
    expect([opened.bands, opened.bandNames]).toEqual([1, [[]]]);
    const [all] = await opened.read(0, [whole], signal);
    expect(all?.data).toEqual(Uint8Array.from(pixels(1)));
  });

  it('takes transparent pixels for ones without data', async () => {
    const clear = pixels(4);
    for (let pixel = 0; pixel < 24; pixel += 1) clear[pixel * 4 + 3] = pixel === 7 ? 0 : 255;
    await sharp(clear, { raw: { width: 6, height: 4, channels: 4 } })
      .png()
      .toFile(path);
    const opened = await openImage(path, signal);
    expect([opened.bands, opened.alpha, opened.bandNames[3]]).toEqual([4, 3, ['alpha']]);
    const [all] = await opened.read(0, [whole], signal);
    expect(all?.valid).toEqual(Uint8Array.from({ length: 24 }, (_, i) => (i === 7 ? 0 : 1)));
  });

  it('opens a JPEG upright, with the colours that sharp decodes', async () => {
    await image(3).withMetadata({ orientation: 6 }).jpeg().toFile(path); // lying on its side
    const opened = await openImage(path, signal);
    expect(opened.levels).toMatchObject([{ width: 4, height: 6 }]);
    const [all] = await opened.read(0, [{ x: 0, y: 0, width: 4, height: 6 }], signal);
    const upright = await sharp(await readFile(path))
      .autoOrient()
      .raw()
      .toBuffer();
    expect(all?.data).toEqual(new Uint8Array(upright));
  });

  it('opens CMYK and 16 bits in colours of 8 bits', async () => {
    for (const made of [image(3).toColourspace('cmyk').jpeg(), image(3).toColourspace('rgb16').png()]) {
      await made.toFile(path);
      const opened = await openImage(path, signal);
      const [all] = await opened.read(0, [whole], signal);
      expect([opened.bands, all?.bands, all?.data.length]).toEqual([3, 3, 6 * 4 * 3]);
    }
  });

  it('opens anything else as a TIFF', async () => {
    await writeFile(path, buildTiff([{ fields: plainFields, tiles: plainTiles }]));
    expect((await openImage(path, signal)).levels).toMatchObject([{ width: 32, tileWidth: 16 }]);
  });

  it('makes the overview of a view by averaging', async () => {
    await sharp(Buffer.alloc(64 * 48 * 3, 90), { raw: { width: 64, height: 48, channels: 3 } })
      .png()
      .toFile(path);
    const wanted = { bands: [{ name: 'green' }], metresPerPixel: null, patch: { size: 8 }, anyResolution: false };
    const overview = { scale: 16, resampling: 'average' as const };
    const view = await viewScene(await openImage(path, signal), { ...wanted, overview, maxOverviewBytes: 1e6 }, signal);
    expect(view.overview).toEqual({ data: new Uint8Array(12).fill(90), width: 4, height: 3, bands: 1 });
  });

  it.each([
    ['is not there', undefined, 'source.missing', /does not exist/],
    ['is empty', async () => Buffer.alloc(0), 'cog.invalid', /./],
    ['is something else', async () => Buffer.from('GIF89a and so on'), 'cog.invalid', /not a TIFF/],
    [
      'ends in its head',
      async () => (await image(3).png().toBuffer()).subarray(0, 20),
      'cog.invalid',
      /not a PNG that can be read/,
    ],
  ])('refuses a file that %s', async (_name, bytes, code, message) => {
    if (bytes) await writeFile(path, await bytes());
    const opening = openImage(path, signal);
    await expect(opening).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it.each(['jpeg', 'png'] as const)('refuses to read a %s that is cut off', async (format) => {
    const noise = Buffer.from(Array.from({ length: 256 * 256 * 3 }, (_, i) => (i * i) % 251));
    const file = await sharp(noise, { raw: { width: 256, height: 256, channels: 3 } })
      .toFormat(format)
      .toBuffer();
    await writeFile(path, file.subarray(0, file.length / 2));
    const opened = await openImage(path, signal);
    await expect(opened.read(0, [{ x: 0, y: 0, width: 256, height: 256 }], signal)).rejects.toMatchObject({
      code: 'cog.invalid',
    });
  });
});
