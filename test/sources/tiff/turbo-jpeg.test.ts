import sharp, { type JpegOptions } from 'sharp';
import { describe, expect, it } from 'vitest';
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
      expect(await turbo([stream], tile)).toEqual(new Uint8Array(await jpegBySharp([stream], tile)));
    }
  });

  it('gives what is stored of four bands, which are no ink', async () => {
    const stream = await sharp(noise(4), { raw: { width: WIDTH, height: ROWS, channels: 4 } })
      .toColourspace('cmyk')
      .jpeg()
      .toBuffer();
    const tile = shape(4, windows[1] as TileShape['part']);
    expect(await turbo([stream], tile)).toEqual(new Uint8Array(await jpegBySharp([stream], tile)));
  });

  it('keeps a hundred tiles apart that are decoded side by side', async () => {
    const streams = await Promise.all([10, 50, 90].map((quality) => picture(3, { quality })));
    const expected = await Promise.all(
      streams.map((stream) => jpegBySharp([stream], shape(3, windows[1] as TileShape['part']))),
    );
    const found = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        turbo([streams[i % 3] as Uint8Array], shape(3, windows[1] as TileShape['part'])),
      ),
    );
    for (const [i, pixels] of found.entries()) expect(pixels).toEqual(new Uint8Array(expected[i % 3] as Uint8Array));
  });

  it('refuses what breaks off, and goes on', async () => {
    const stream = await picture(3, {});
    const tile = shape(3, windows[0] as TileShape['part']);
    for (let turn = 0; turn < 10; turn += 1)
      await expect(turbo([stream.subarray(0, 1000), stream.subarray(1000, 1624)], tile)).rejects.toThrow(
        'stumbles over 1624 bytes',
      );
    await expect(turbo([stream], tile)).resolves.toHaveLength(WIDTH * ROWS * 3);
  });

  it('writes nothing where the image is larger than the tile', async () => {
    const stream = await picture(3, {});
    const tile = { ...shape(3, { x: 0, y: 0, width: 8, height: 8 }), width: 8, rows: 8 };
    await expect(turbo([stream], tile)).rejects.toThrow('stumbles');
  });
});

function picture(samples: 1 | 3, options: JpegOptions): Promise<Buffer> {
  const image = sharp(noise(samples), { raw: { width: WIDTH, height: ROWS, channels: samples } });
  return (samples === 1 ? image.toColourspace('b-w') : image).jpeg(options).toBuffer();
}

function noise(samples: number): Uint8Array {
  const { whole } = lots('turbo-jpeg', samples);
  return Uint8Array.from({ length: WIDTH * ROWS * samples }, (_, i) => ((i * 3) % 200) + whole(0, 55));
}

function shape(samples: number, part: TileShape['part']): TileShape {
  // Decoders of images know of no layout.
  return { layout: {} as Layout, width: WIDTH, rows: ROWS, samples, bytes: WIDTH * ROWS * samples, part };
}
