import { setTimeout as sleep } from 'node:timers/promises';
import sharp, { type JpegOptions } from 'sharp';
import { describe, expect, it } from 'vitest';
import type { PixelArray, Window } from '../../../src/scene.ts';
import { cropRaster } from '../../../src/sources/rasters/crop-raster.ts';
import type { JpegDecoder } from '../../../src/sources/tiff/jpeg.ts';
import type { Layout } from '../../../src/sources/tiff/layout.ts';
import type { TileShape } from '../../../src/sources/tiff/tile-shape.ts';
import { loadTurboJpeg } from '../../../src/sources/tiff/turbo-jpeg.ts';
import { jpegBySharp } from '../../../src/sources/tiff/web-images.ts';
import { lots } from '../../../src/training/lots.ts';
import { parts } from '../../setup/parts.ts';

const WIDTH = 83;
const ROWS = 61;
const windows = [
  { x: 0, y: 0, width: WIDTH, height: ROWS },
  { x: 40, y: 23, width: 17, height: 9 },
  { x: 82, y: 60, width: 1, height: 1 },
  { x: 0, y: 31, width: WIDTH, height: 30 },
];

describe('loadTurboJpeg', () => {
  it('is content where no library of any of the names is there', () => {
    expect(loadTurboJpeg(['libno-such-thing.so.0'])).toBeUndefined();
  });
});

describe.skipIf(!parts.turbojpeg)('loadTurboJpeg, needs turbojpeg', () => {
  const turbo = loadTurboJpeg() ?? jpegBySharp;

  it.each([
    ['whole colours', { chromaSubsampling: '4:4:4' }, 3],
    ['halved colours', { chromaSubsampling: '4:2:0' }, 3],
    ['several scans', { progressive: true }, 3],
    ['coarse steps', { quality: 20 }, 3],
    ['grey', {}, 1],
  ] as const)('decodes every part of %s as sharp does', async (_, options, samples) => {
    const stream = await picture(samples, options);
    for (const part of windows) {
      const tile = shape(samples, part);
      expect(await wanted(turbo, stream, tile)).toEqual(await wanted(jpegBySharp, stream, tile));
    }
  });

  it('gives what is stored of four bands, which are no ink', async () => {
    const stream = await sharp(noise(4), { raw: { width: WIDTH, height: ROWS, channels: 4 } })
      .toColourspace('cmyk')
      .jpeg()
      .toBuffer();
    const tile = shape(4, windows[1] as Window);
    expect(await wanted(turbo, stream, tile)).toEqual(await wanted(jpegBySharp, stream, tile));
  });

  it('keeps a hundred tiles apart that are decoded side by side', async () => {
    const streams = await Promise.all([10, 50, 90].map((quality) => picture(3, { quality })));
    const tile = shape(3, windows[1] as Window);
    const expected = await Promise.all(streams.map((stream) => wanted(jpegBySharp, stream, tile)));
    const found = await Promise.all(
      Array.from({ length: 100 }, (_, i) => wanted(turbo, streams[i % 3] as Uint8Array, tile)),
    );
    for (const [i, pixels] of found.entries()) expect(pixels).toEqual(expected[i % 3]);
  });

  it('lends its memory to nobody else until it is given back', async () => {
    const [tile, one, other] = [shape(3, windows[0] as Window), await picture(3, {}), await picture(3, { quality: 5 })];
    const lent = await Promise.all(Array.from({ length: 4 }, () => turbo([one], tile)));
    const before = lent.map(({ pixels }) => pixels.slice());
    const fifth = turbo([other], tile);
    expect(await Promise.race([fifth, sleep(50, 'waits')])).toBe('waits');
    expect(lent.map(({ pixels }) => pixels)).toEqual(before);
    for (const { giveBack } of lent) giveBack?.();
    const { pixels, giveBack } = await fifth;
    expect(pixels).not.toEqual(before[0]);
    giveBack?.();
  });

  it('refuses what breaks off, and goes on', async () => {
    const stream = await picture(3, {});
    const tile = shape(3, windows[0] as Window);
    for (let turn = 0; turn < 10; turn += 1)
      await expect(turbo([stream.subarray(0, 1000), stream.subarray(1000, 1624)], tile)).rejects.toThrow(
        'stumbles over 1624 bytes',
      );
    expect(await wanted(turbo, stream, tile)).toHaveLength(WIDTH * ROWS * 3);
  });

  it('writes nothing where the image is larger than the tile', async () => {
    const stream = await picture(3, {});
    const tile = { ...shape(3, { x: 0, y: 0, width: 8, height: 8 }), width: 8, rows: 8 };
    await expect(turbo([stream], tile)).rejects.toThrow('stumbles');
  });
});

/** Copied, as whoever borrows does. */
async function wanted(decode: JpegDecoder, stream: Uint8Array, tile: TileShape): Promise<PixelArray> {
  const { part, pixels, giveBack } = await decode([stream], tile);
  const { x, y, width, height } = tile.part;
  const raster = { data: pixels, width: part.width, height: part.height, bands: tile.samples };
  const { data } = cropRaster(raster, { x: x - part.x, y: y - part.y, width, height });
  giveBack?.();
  return data;
}

function picture(samples: 1 | 3, options: JpegOptions): Promise<Buffer> {
  const image = sharp(noise(samples), { raw: { width: WIDTH, height: ROWS, channels: samples } });
  return (samples === 1 ? image.toColourspace('b-w') : image).jpeg(options).toBuffer();
}

function noise(samples: number): Uint8Array {
  const { whole } = lots('turbo-jpeg', samples);
  return Uint8Array.from({ length: WIDTH * ROWS * samples }, (_, i) => ((i * 3) % 200) + whole(0, 55));
}

function shape(samples: number, part: Window): TileShape {
  // Decoders of images know of no layout.
  return { layout: {} as Layout, width: WIDTH, rows: ROWS, samples, bytes: WIDTH * ROWS * samples, part };
}
