import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFile } from '../../../src/sources/open-file.ts';
import { buildTiff, type TiffImage } from '../../fakes/tiff-builder.ts';
import { gdalPixels } from '../../setup/gdal.ts';
import { parts } from '../../setup/parts.ts';

const { signal } = new AbortController();
const [width, height, rows] = [64, 40, 16];
const noise = (samples: number) =>
  Uint8Array.from({ length: width * 48 * samples }, (_, i) => (i * 7 + (i >> 5) * 13) & 63);

/** In codes for single bytes alone: of others, libdeflate, which GDAL may have in zlib's place, leaves out one that reaches over the end. */
const deflated = async (strip: Uint8Array) => deflateSync(strip, { strategy: constants.Z_HUFFMAN_ONLY });

function jpeg(strip: Uint8Array, channels: 1 | 3): Promise<Buffer> {
  const image = sharp(strip, { raw: { width, height: strip.length / width / channels, channels } });
  return (channels === 1 ? image.toColourspace('b-w') : image).jpeg({ chromaSubsampling: '4:4:4' }).toBuffer();
}

/** One block, stored as it is, behind a header that states its length (RFC 8878 section 3.1.1). */
async function zstd(strip: Uint8Array): Promise<Buffer> {
  const header = Buffer.of(0x28, 0xb5, 0x2f, 0xfd, 0x60, 0, 0, 0, 0, 0);
  header.writeUInt16LE(strip.length - 256, 5);
  header.writeUIntLE(1 | (strip.length << 3), 7, 3);
  return Buffer.concat([header, strip]);
}

/** An image of three strips, each stored with 16 rows, though the last has but 8. */
async function padded(samples: number, fields: TiffImage['fields'], store: (strip: Uint8Array) => Promise<Uint8Array>) {
  const all = noise(samples);
  const bytes = rows * width * samples;
  const tiles = await Promise.all([0, 1, 2].map((strip) => store(all.subarray(strip * bytes, (strip + 1) * bytes))));
  const size = { ImageWidth: width, ImageLength: height, RowsPerStrip: rows, SamplesPerPixel: samples };
  return buildTiff([{ fields: { ...size, BitsPerSample: new Array(samples).fill(8), ...fields }, tiles }]);
}

const files = [
  ['as it is', () => padded(1, { Compression: 1, PhotometricInterpretation: 1 }, async (strip) => strip)],
  ['in Deflate', () => padded(1, { Compression: 8, PhotometricInterpretation: 1 }, deflated)],
  ['in Zstandard', () => padded(1, { Compression: 50000, PhotometricInterpretation: 1 }, zstd)],
  ['in grey JPEG', () => padded(1, { Compression: 7, PhotometricInterpretation: 1 }, (strip) => jpeg(strip, 1))],
  ['in JPEG', () => padded(3, { Compression: 7, PhotometricInterpretation: 6 }, (strip) => jpeg(strip, 3))],
] as const;

describe.skipIf(!parts.gdal)('a last strip of all its rows, needs gdal', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-strips-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each(files)('is read %s as GDAL reads it', async (name, make) => {
    const path = join(folder, `${name}.tif`);
    await writeFile(path, await make());
    const cog = await openFile(path, signal);
    const [raster] = await cog.read(0, [{ x: 0, y: 0, width, height }], signal);
    expect(Buffer.compare(Buffer.from(raster?.data as Uint8Array), await gdalPixels(path))).toBe(0);
  });
});
