import { deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import type { PixelArray, Window } from '../../../src/scene.ts';
import { cropRaster } from '../../../src/sources/rasters/crop-raster.ts';
import { decodeTile } from '../../../src/sources/tiff/decode-tile.ts';
import { jpegStream } from '../../../src/sources/tiff/jpeg-stream.ts';
import type { Layout } from '../../../src/sources/tiff/layout.ts';
import { greyLayout } from '../../fakes/grey-layout.ts';

const layout = greyLayout(1, 1);
const { grid: grey } = layout;
const colour = { ...layout, grid: { ...grey, bands: 3 }, photometric: 6 };
const four = { ...layout, grid: { ...grey, bands: 4 }, photometric: 2 };
const strips = { ...layout, grid: { ...grey, height: 24, down: 2, striped: true } };
const whole = { x: 0, y: 0, width: 16, height: 16 };
const ramp = Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) => i % 251);

function image(width = 16, height = 16): Sharp {
  return sharp(Buffer.alloc(width * height * 3, ramp), { raw: { width, height, channels: 3 } });
}

/** All pixels of the one tile. */
function decodeWhole(of: Layout, bytes: Uint8Array): Promise<PixelArray> {
  return decodePart(of, bytes, whole);
}

/** A part of a tile, copied from what comes back. */
async function decodePart(of: Layout, bytes: Uint8Array, wanted: Window, tile = 0): Promise<PixelArray> {
  const { part, pixels, giveBack } = await decodeTile(of, tile, bytes, wanted);
  const window = { ...wanted, x: wanted.x - part.x, y: wanted.y - part.y };
  const { data } = cropRaster({ data: pixels, ...size(part), bands: of.grid.bands }, window);
  giveBack?.();
  return data;
}

function size({ width, height }: Window): { width: number; height: number } {
  return { width, height };
}

describe('decodeTile', () => {
  it('leaves the bytes that it was given as they were', async () => {
    const bytes = Uint8Array.from({ length: 512 }, (_, i) => i);
    const before = bytes.slice();
    const wide = { ...layout, samples: 'u16' as const, littleEndian: false, predictor: 2 };
    const pixels = await decodeWhole(wide, Buffer.from(bytes.buffer));
    expect(pixels[0]).toBe(0x0001);
    expect(pixels[1]).toBe(0x0001 + 0x0203);
    expect(bytes).toEqual(before);
  });

  it('takes bytes that begin anywhere', async () => {
    const bytes = Buffer.alloc(16 * 16 * 8 + 3);
    bytes.writeDoubleLE(1.5, 3);
    const pixels = await decodeWhole({ ...layout, samples: 'f64' }, bytes.subarray(3));
    expect(pixels[0]).toBe(1.5);
  });

  it('decodes a JPEG to what libjpeg-turbo makes of it', async () => {
    const jpeg = await image().jpeg({ quality: 90 }).toBuffer();
    const expected = await sharp(jpeg).raw().toBuffer();
    expect(Buffer.from(await decodeWhole({ ...colour, compression: 7 }, jpeg).then(bytesOf))).toEqual(expected);
  });

  it('believes the photometric interpretation, not what a JPEG says of itself', async () => {
    const jpeg = await image().jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer();
    const asRgb = await decodeWhole({ ...colour, compression: 7, photometric: 2 }, jpeg).then(bytesOf);
    const asYcc = await decodeWhole({ ...colour, compression: 7, photometric: 6 }, jpeg).then(bytesOf);
    expect(asRgb).not.toEqual(asYcc);
  });

  it('decodes a lossless WebP, with and without alpha', async () => {
    const webp = await image().webp({ lossless: true }).toBuffer();
    expect(await decodeWhole({ ...colour, photometric: 2, compression: 50001 }, webp).then(bytesOf)).toEqual(ramp);
    const pixels = await decodeWhole({ ...four, compression: 50001 }, webp);
    expect(Array.from(pixels.slice(0, 8))).toEqual([0, 1, 2, 255, 3, 4, 5, 255]);
  });

  it.each([
    ['JPEG', { ...colour, compression: 7 }, () => image().jpeg({ chromaSubsampling: '4:2:0' }).toBuffer()],
    ['grey JPEG', { ...layout, compression: 7 }, () => image().toColourspace('b-w').jpeg().toBuffer()],
    ['JPEG of four bands', { ...four, compression: 7 }, () => image().toColourspace('cmyk').jpeg().toBuffer()],
    ['WebP', { ...colour, photometric: 2, compression: 50001 }, () => image().webp({ quality: 60 }).toBuffer()],
    ['WebP with alpha', { ...four, compression: 50001 }, () => image().ensureAlpha(0.5).webp().toBuffer()],
  ])('decodes what is wanted of a %s, and the same as of all of it', async (_, of, encoded) => {
    const bytes = await encoded();
    const all = await decodeWhole(of, bytes);
    const { bands } = of.grid;
    for (const wanted of [
      { x: 0, y: 0, width: 16, height: 1 },
      { x: 15, y: 15, width: 1, height: 1 },
      { x: 3, y: 5, width: 7, height: 9 },
      { x: 0, y: 7, width: 16, height: 9 },
      { x: 9, y: 0, width: 2, height: 16 },
    ]) {
      const { data } = cropRaster({ data: all, width: 16, height: 16, bands }, wanted);
      expect(Array.from(await decodePart(of, bytes, wanted))).toEqual(Array.from(data));
    }
  });

  it('decodes all of a tile of any other codec', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const { part, pixels } = await decodeTile(layout, 0, bytes, { x: 3, y: 5, width: 7, height: 9 });
    expect([part, pixels]).toEqual([whole, bytes]);
  });

  it('takes the first bytes of Deflate that holds more, and computes no others', async () => {
    const zeros = deflateSync(Buffer.concat([ramp, Buffer.alloc(50_000_000)]));
    const before = process.memoryUsage().arrayBuffers;
    expect(await decodeWhole({ ...layout, compression: 8 }, zeros)).toEqual(ramp.subarray(0, 256));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6);
  });

  it('takes the first rows of a last strip that is a JPEG of as many as the others', async () => {
    const jpeg = await image().toColourspace('b-w').jpeg().toBuffer();
    const expected = await sharp(jpeg).toColourspace('b-w').raw().toBuffer();
    const raster = { data: new Uint8Array(expected), ...size(whole), bands: 1 };
    for (const wanted of [
      { x: 0, y: 0, width: 16, height: 8 },
      { x: 3, y: 5, width: 9, height: 3 },
    ]) {
      const found = await decodePart({ ...strips, compression: 7 }, jpeg, wanted, 1);
      expect(found).toEqual(cropRaster(raster, wanted).data);
    }
  });

  it.each([
    ['LZW in the old style', 5, Uint8Array.of(0, 1, 2, 4, 8), 'old-style LZW'],
    ['LERC of version 1', 34887, Buffer.from('CntZImage '.padEnd(100, '\0')), 'LERC of version 1'],
  ] as const)('refuses %s as a kind that is not read, in large tiles too', async (_, compression, bytes, message) => {
    for (const side of [16, 1024]) {
      const grid = { ...grey, tileWidth: side, tileHeight: side };
      await expect(decodeWhole({ ...layout, grid, compression }, bytes)).rejects.toMatchObject({
        code: 'cog.unsupported',
        message: expect.stringContaining(message),
      });
    }
  });

  it.each([
    ['JPEG of another size', { ...colour, compression: 7 }, () => image(32, 16).jpeg().toBuffer(), 'JPEG of 32 × 16'],
    [
      'JPEG cut short',
      { ...colour, compression: 7 },
      async () => (await image().jpeg().toBuffer()).subarray(0, -40),
      'broken',
    ],
    ['JPEG of other bands', { ...layout, compression: 7 }, () => image().jpeg().toBuffer(), '3 components for 1'],
    ['WebP of another size', { ...colour, compression: 50001 }, () => image(8, 16).webp().toBuffer(), 'WebP of 8 × 16'],
    [
      'JPEG of more rows in a strip that is not the last',
      { ...strips, compression: 7 },
      () => image(16, 24).toColourspace('b-w').jpeg().toBuffer(),
      'JPEG of 16 × 24 in a tile of 16 × 16',
    ],
    [
      'JPEG of more rows in a tile',
      { ...layout, compression: 7 },
      () => image(16, 24).toColourspace('b-w').jpeg().toBuffer(),
      'JPEG of 16 × 24 in a tile of 16 × 16',
    ],
    [
      'Deflate of too little',
      { ...layout, compression: 8 },
      async () => deflateSync(Buffer.alloc(255)),
      '255 bytes where 256',
    ],
    [
      'Zstandard of 4 GB',
      { ...layout, compression: 50000 },
      async () => zstdClaiming(0xffff_ffff),
      'a frame of 4294967295 bytes',
    ],
    ['Zstandard that is noise inside', { ...layout, compression: 50000 }, async () => zstdNoise(), '0 bytes where 256'],
    [
      'Zstandard without an end',
      { ...layout, compression: 50000 },
      async () => zstdRuns(3).subarray(0, -4),
      'without an end',
    ],
    ['Zstandard of endless runs', { ...layout, compression: 50000 }, async () => zstdRuns(3000), '0 bytes where 256'],
  ])('refuses a %s', async (_, of, bytes, message) => {
    await expect(decodeWhole(of, await bytes())).rejects.toMatchObject({
      code: 'cog.invalid',
      message: expect.stringContaining(message),
    });
  });
});

describe('jpegStream', () => {
  it('puts the shared tables before the tile and states the colour space', async () => {
    const jpeg = await image().jpeg().toBuffer();
    const { pieces, ...frame } = jpegStream(jpeg, Buffer.from('ffd8fffe0004aaaaffdb0003bbffd9', 'hex'), 6);
    expect(frame).toEqual({ width: 16, height: 16, components: 3, precision: 8 });
    expect(Buffer.concat(pieces).toString('hex', 0, 25)).toBe('ffd8ffee000e41646f626500640000000001ffdb0003bbffdb');
  });

  it('refuses an image in the place of the tables, which a decoder would take for the tile', async () => {
    const [tile, other] = [await image().jpeg().toBuffer(), await image(32, 32).jpeg().toBuffer()];
    const scan = other.indexOf(Buffer.of(0xff, 0xda));
    for (const tables of [other, Buffer.concat([other.subarray(0, scan), Buffer.of(0xff, 0xd9)])])
      expect(() => jpegStream(tile, tables, 6)).toThrow('JPEG JPEGTables holds an image');
  });

  it('refuses a tile of two frames', async () => {
    const jpeg = await image().jpeg().toBuffer();
    const frame = jpeg.indexOf(Buffer.of(0xff, 0xc0));
    const header = jpeg.subarray(frame, frame + 19);
    const twice = Buffer.concat([jpeg.subarray(0, frame), header, jpeg.subarray(frame)]);
    expect(() => jpegStream(twice, undefined, 6)).toThrow('has two frame headers');
  });

  it.each([
    ['nothing', ''],
    ['no SOI', '0000'],
    ['no frame', 'ffd8ffd9'],
    ['a segment that ends beyond it', 'ffd8ffdb00ff00'],
    ['a segment of no length', 'ffd8ffdb0000'],
    ['noise', 'ffd8123456'],
  ])('refuses %s', (_, hex) => {
    expect(() => jpegStream(Buffer.from(hex, 'hex'), undefined, 6)).toThrow(
      expect.objectContaining({ code: 'cog.invalid' }),
    );
  });
});

function bytesOf(pixels: ArrayBufferView): Uint8Array {
  return new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
}

/** A frame header that states 4 bytes of content size, and one empty block. */
function zstdClaiming(size: number): Buffer {
  const frame = Buffer.from('28b52ffda0000000000100 00'.replaceAll(' ', ''), 'hex');
  frame.writeUInt32LE(size, 5);
  return frame;
}

/** A frame of unknown size, of blocks that are 128 KiB of one byte each, the last of them marked. */
function zstdRuns(blocks: number): Buffer {
  const run = Buffer.alloc(4);
  run.writeUIntLE(((128 * 1024) << 3) | (1 << 1), 0, 3);
  const last = Buffer.from(run);
  last.writeUInt8(run.readUInt8(0) | 1, 0);
  return Buffer.concat([Buffer.from('28b52ffd0058', 'hex'), ...new Array<Buffer>(blocks).fill(run), last]);
}

/** A frame of unknown size whose one compressed block means nothing: streaming decoders wait for its end for ever. */
function zstdNoise(): Buffer {
  const block = Buffer.alloc(103, 0xa7);
  block.writeUIntLE((100 << 3) | (2 << 1) | 1, 0, 3);
  return Buffer.concat([Buffer.from('28b52ffd0058', 'hex'), block]);
}
