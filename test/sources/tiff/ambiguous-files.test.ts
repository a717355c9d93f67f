import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { failureCode } from '../../../src/errors.ts';
import { openCog } from '../../../src/sources/open-cog.ts';
import { RecordingSource } from '../../fakes/recording-source.ts';
import { buildTiff, plainFields, type TiffImage } from '../../fakes/tiff-builder.ts';

/** Files that readers understand differently: GDAL's pixels, or none. */
const { signal } = new AbortController();
const small = { ...plainFields, ImageWidth: 16, ImageLength: 16 };
const { TileWidth: _w, TileLength: _l, ...striped } = small;
const tile = new Uint8Array(256).fill(7);
const colour = { SamplesPerPixel: 3, BitsPerSample: [8, 8, 8] };

function one(fields: TiffImage['fields'], pixels: Uint8Array | null = tile, change?: (file: Buffer) => void): Buffer {
  return buildTiff([{ fields, tiles: [pixels] }], change ? { break: change } : {});
}

/** Where the entry of a tag stands in the first directory of a small file. */
function entryOf(file: Buffer, tag: number): number {
  for (let at = 10; ; at += 12) if (file.readUInt16LE(at) === tag) return at;
}

async function pixelsOf(file: Buffer): Promise<number[]> {
  const cog = await openCog(new RecordingSource(file), 4096, signal);
  const [raster] = await cog.read(0, [{ x: 0, y: 0, width: 16, height: 16 }], signal);
  return Array.from(raster?.data ?? []);
}

const codeOf = (file: Buffer) => pixelsOf(file).then(() => 'read', failureCode);

describe('openCog on a file that says two things', () => {
  it('counts the first of a tag that stands twice, as libtiff does', async () => {
    const file = one({ ...small, FillOrder: 1 }, tile, (made) => {
      const at = entryOf(made, 266);
      made.writeUInt16LE(259, at); // Compression once more, and another
      made.writeUInt16LE(50001, at + 8);
    });
    expect(await pixelsOf(file)).toEqual(Array.from(tile));
  });

  it.each([
    ['a predictor of two values', { ...small, Compression: 5, Predictor: { type: 3, values: [2, 1] } }, 'cog.invalid'],
    ['a width in floating point', { ...small, ImageWidth: { type: 11, values: [16] } }, 'cog.invalid'],
    ['offsets of the type of directories', { ...small, TileOffsets: { type: 13, values: [8] } }, 'cog.invalid'],
    ['tiles of a height without a width', { ...striped, TileLength: 16 }, 'cog.invalid'],
    ['a first directory that is an overview', { ...small, NewSubfileType: 1 }, 'cog.invalid'],
    ['a first directory that is a mask', { ...small, NewSubfileType: 4 }, 'cog.invalid'],
    ['nodata in other words', { ...small, GdalNodata: '7abc' }, 'cog.unsupported'],
    ['bits for a hundred thousand bands', { ...small, BitsPerSample: new Array(100_000).fill(8) }, 'cog.unsupported'],
    ['tables of 70 000 bytes', { ...small, JPEGTables: new Uint8Array(70_000) }, 'cog.unsupported'],
    ['CIELab', { ...small, ...colour, PhotometricInterpretation: 8 }, 'cog.unsupported'],
  ] as const)('refuses %s', async (_, fields, code) => {
    expect(await codeOf(one(fields))).toBe(code);
  });

  it('refuses CMYK of 8 bits, which GDAL turns into other colours, and reads that of 16', async () => {
    const inks = { ...small, SamplesPerPixel: 4, PhotometricInterpretation: 5 };
    expect(await codeOf(one({ ...inks, BitsPerSample: [8, 8, 8, 8] }, new Uint8Array(1024)))).toBe('cog.unsupported');
    expect(await codeOf(one({ ...inks, BitsPerSample: [16, 16, 16, 16] }, new Uint8Array(2048)))).toBe('read');
  });

  it('refuses a place without a length where it is the only strip, and a length without a place', async () => {
    const noLength = (made: Buffer) => made.writeUInt32LE(0, entryOf(made, 279) + 8);
    expect(await codeOf(one(striped, tile, noLength))).toBe('cog.invalid');
    const noPlace = (made: Buffer) => made.writeUInt32LE(0, entryOf(made, 324) + 8);
    expect(await codeOf(one(small, tile, noPlace))).toBe('cog.invalid');
  });

  it('lets a mask decide alone, whatever nodata says', async () => {
    const mask = { ...small, NewSubfileType: 4 };
    const masked = new Uint8Array(256).fill(255, 1);
    const file = buildTiff([
      { fields: { ...small, GdalNodata: '7' }, tiles: [tile] },
      { fields: mask, tiles: [masked] },
    ]);
    const cog = await openCog(new RecordingSource(file), 4096, signal);
    const [raster] = await cog.read(0, [{ x: 0, y: 0, width: 16, height: 16 }], signal);
    expect(Array.from(raster?.valid ?? [])).toEqual(Array.from(masked, (value) => Math.sign(value)));
  });

  it('refuses a mask of several bands', async () => {
    const mask = { ...small, ...colour, NewSubfileType: 4 };
    const file = buildTiff([
      { fields: small, tiles: [tile] },
      { fields: mask, tiles: [new Uint8Array(768)] },
    ]);
    expect(await codeOf(file)).toBe('cog.unsupported');
  });

  it.each([
    ['-1.#IND', Number.NaN],
    ['-1.#INF', Number.NEGATIVE_INFINITY],
    ['infinity', Number.POSITIVE_INFINITY],
    ['1e+20', Math.fround(1e20)],
  ])('fills what was left out with nodata of %s', async (GdalNodata, expected) => {
    const fields = { ...small, BitsPerSample: 32, SampleFormat: 3, GdalNodata };
    expect((await pixelsOf(one(fields, null)))[0]).toBe(expected);
  });

  it('rounds nodata of whole numbers away from zero, as GDAL does', async () => {
    const fields = { ...small, BitsPerSample: 16, SampleFormat: 2, GdalNodata: '-2.5' };
    expect((await pixelsOf(one(fields, null)))[0]).toBe(-3);
  });

  it('reads what is stored in a WebP, whatever colours its profile means', async () => {
    const noise = Uint8Array.from({ length: 768 }, (_, i) => (i * 37) % 256);
    const image = sharp(noise, { raw: { width: 16, height: 16, channels: 3 } });
    const webp = await image.withIccProfile('p3').webp({ lossless: true }).toBuffer();
    const stored = await sharp(webp, { ignoreIcc: true }).raw().toBuffer();
    const fields = { ...small, ...colour, PhotometricInterpretation: 2, Compression: 50001 };
    expect(await pixelsOf(one(fields, webp))).toEqual(Array.from(stored));
    expect(Array.from(stored)).not.toEqual(Array.from(await sharp(webp).raw().toBuffer()));
  });

  it('refuses a JPEG with a marker that readers read on behind at different places', async () => {
    const jpeg = await sharp({ create: { width: 16, height: 16, channels: 3, background: '#123456' } })
      .jpeg()
      .toBuffer();
    for (const marker of [0x01, 0xd0, 0xd8]) {
      const astray = Buffer.concat([jpeg.subarray(0, 2), Buffer.of(0xff, marker), jpeg.subarray(2)]);
      expect(await codeOf(one({ ...small, ...colour, Compression: 7 }, astray))).toBe('cog.invalid');
    }
  });

  it('refuses a JPEG of more than a hundred scans', async () => {
    const create = { width: 16, height: 16, channels: 3, background: '#123456' } as const;
    const jpeg = await sharp({ create }).jpeg({ progressive: true }).toBuffer();
    const last = jpeg.lastIndexOf(Buffer.of(0xff, 0xda));
    const scan = jpeg.subarray(last, -2);
    const many = Buffer.concat([jpeg.subarray(0, -2), ...new Array<Buffer>(120).fill(scan), jpeg.subarray(-2)]);
    expect(await codeOf(one({ ...small, ...colour, Compression: 7 }, jpeg))).toBe('read');
    expect(await codeOf(one({ ...small, ...colour, Compression: 7 }, many))).toBe('cog.invalid');
  });
});
