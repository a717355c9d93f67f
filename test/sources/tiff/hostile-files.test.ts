import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { createDeflate, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { failureCode } from '../../../src/errors.ts';
import { openCog } from '../../../src/sources/open-cog.ts';
import { lercBlob } from '../../fakes/lerc-blob.ts';
import { RecordingSource } from '../../fakes/recording-source.ts';
import { buildTiff, plainFields, plainTiles, type TiffImage, type TiffOptions } from '../../fakes/tiff-builder.ts';

const { signal } = new AbortController();

/** One tile of 16 × 16. */
const small = { ...plainFields, ImageWidth: 16, ImageLength: 16 };
const colour = { SamplesPerPixel: 3, BitsPerSample: [8, 8, 8] };
const LERC = 34887;

function tiff(fields: TiffImage['fields'], tile: Uint8Array, options: TiffOptions = {}): Buffer {
  return buildTiff([{ fields: { ...small, ...fields }, tiles: [tile] }], options);
}

function header(fields: TiffImage['fields']): Buffer {
  return buildTiff([{ fields: { ...plainFields, ...fields }, tiles: plainTiles }]);
}

/** The parser of a chain must stop long before its end. */
function chain(directories: number): Buffer {
  return buildTiff(new Array(directories).fill({ fields: small, tiles: [null] }));
}

function lerc(change: (blob: Buffer) => void, fields: TiffImage['fields'] = {}): Buffer {
  return tiff({ Compression: LERC, ...fields }, lercBlob('u8', change));
}

/** A frame header that states so many bytes of content, and an empty block. */
function zstdFrame(bytes: number): Buffer {
  const frame = Buffer.from('28b52ffda000000000010000', 'hex');
  frame.writeUInt32LE(bytes, 5);
  return frame;
}

function image(width: number, height: number) {
  return sharp({ create: { width, height, channels: 3, background: '#123456' } });
}

/** A JPEG or WebP of 16 × 16 whose header says that it is larger than any picture. */
async function lyingJpeg(): Promise<Buffer> {
  const jpeg = await image(16, 16).jpeg().toBuffer();
  const frame = jpeg.indexOf(Buffer.of(0xff, 0xc0));
  jpeg.writeUInt16BE(65_500, frame + 5);
  jpeg.writeUInt16BE(65_500, frame + 7);
  return jpeg;
}

/** What tiles share, of a JPEG of another picture: all of it, so that it stands before the tile. */
async function pictureAsTables(side: number): Promise<TiffImage['fields']> {
  const bytes = await image(side, side).jpeg({ progressive: true }).toBuffer();
  return { Compression: 7, ...colour, JPEGTables: bytes };
}

/** Zeros by the gigabyte, which none of them ever was in memory. */
async function gigabyteBomb(): Promise<Buffer> {
  const zeros = Buffer.alloc(1_000_000);
  const deflate = createDeflate();
  const packed = buffer(deflate);
  for (let n = 0; n < 1000; n += 1) if (!deflate.write(zeros)) await once(deflate, 'drain');
  deflate.end();
  return packed;
}

async function lyingWebp(): Promise<Buffer> {
  const webp = await image(16, 16).webp().toBuffer();
  webp.writeUInt16LE(16_383, 26);
  webp.writeUInt16LE(16_383, 28);
  return webp;
}

const files: readonly (readonly [string, () => Buffer | Promise<Buffer>])[] = [
  ['1e9 offsets', () => header({ TileOffsets: { type: 4, values: [0], count: 1e9 } })],
  ['4e9 × 4e9 pixels', () => header({ ImageWidth: 4_000_000_000, ImageLength: 4_000_000_000 })],
  ['tiles of width 0', () => header({ TileWidth: { type: 3, values: [0] } })],
  ['strips of 0 rows', () => header({ TileWidth: { type: 3, values: [] }, RowsPerStrip: 0 })],
  ['no bands', () => header({ SamplesPerPixel: 0 })],
  ['a field of unknown type', () => header({ TileOffsets: { type: 99, values: [1, 2, 3, 4] } })],
  ['10 000 directories', () => chain(10_000)],
  ['offsets beyond the end', () => header({ TileOffsets: [4e9, 4e9, 4e9, 4e9] })],
  ['offsets beyond 2^53', () => header({ TileOffsets: { type: 16, values: [2 ** 60, 1, 1, 1] } })],
  ['4 GB in a tile', () => header({ TileByteCounts: [4e9, 4e9, 4e9, 4e9] })],
  ['a directory that is its own successor', () => tiff({}, new Uint8Array(256), { break: ownSuccessor })],
  ['two directories that follow each other', () => buildTiff(both, { break: eachOthersSuccessor })],
  ['a Deflate bomb of a gigabyte', async () => tiff({ Compression: 8 }, await gigabyteBomb())],
  ['Zstandard of 4 GB', () => tiff({ Compression: 50000 }, zstdFrame(0xffff_ffff))],
  ['a JPEG of 65 500 × 65 500', async () => tiff({ Compression: 7, ...colour }, await lyingJpeg())],
  ['a JPEG of 32 × 16', async () => tiff({ Compression: 7, ...colour }, await image(32, 16).jpeg().toBuffer())],
  [
    'another picture as its JPEGTables',
    async () => tiff(await pictureAsTables(16), await image(16, 16).jpeg().toBuffer()),
  ],
  [
    '8192 × 8192 in its JPEGTables',
    async () => tiff(await pictureAsTables(1024), await image(16, 16).jpeg().toBuffer()),
  ],
  ['a WebP of 16 383 × 16 383', async () => tiff({ Compression: 50001, ...colour }, await lyingWebp())],
  ['a WebP of 8 × 16', async () => tiff({ Compression: 50001, ...colour }, await image(8, 16).webp().toBuffer())],
  ['LERC of 2e9 × 2e9', () => lerc((blob) => blob.fill('\x00\x00\x00\x77', 14, 22, 'latin1'))],
  ['LERC of 32 × 16', () => lerc((blob) => blob.writeInt32LE(32, 18))],
  ['LERC of 1e9 values a pixel', () => lerc((blob) => blob.writeInt32LE(1e9, 22))],
  ['LERC of −1 values a pixel', () => lerc((blob) => blob.writeInt32LE(-1, 22))],
  ['LERC of 1e9 valid pixels', () => lerc((blob) => blob.writeInt32LE(1e9, 26))],
  ['LERC of other samples', () => lerc((blob) => blob.writeInt32LE(7, 38))],
  ['LERC of noise', () => lerc((blob) => blob.fill(0xa7, 66))],
  ['LERC in Zstandard of 4 GB', () => tiff({ Compression: LERC, LercParameters: [4, 2] }, zstdFrame(0xffff_ffff))],
  ['LERC in a Deflate bomb', () => tiff({ Compression: LERC, LercParameters: [4, 1] }, deflateSync(Buffer.alloc(5e7)))],
];

/** Each in a tile of 16 MB, all left out. */
function wideBands(bands: number): Buffer {
  const floats = { BitsPerSample: new Array(bands).fill(32), SampleFormat: new Array(bands).fill(3) };
  const sides = { ImageWidth: 2048, ImageLength: 2048, TileWidth: 2048, TileLength: 2048 };
  const fields = { ...small, ...sides, ...floats, SamplesPerPixel: bands, PlanarConfiguration: 2 };
  return buildTiff([{ fields, tiles: new Array(bands).fill(null) }]);
}

/** Of 64 MB each, all left out. */
function wideTiles(across: number): Buffer {
  const sides = { ImageWidth: across * 4096, ImageLength: 4096, TileWidth: 4096, TileLength: 4096 };
  const fields = { ...small, ...sides, BitsPerSample: 32, SampleFormat: 3 };
  return buildTiff([{ fields, tiles: new Array(across).fill(null) }]);
}

const both = [
  { fields: small, tiles: [null] },
  { fields: small, tiles: [null] },
];

/** The first directory begins at 8, and says where the second one does. */
function eachOthersSuccessor(file: Buffer): void {
  const second = file.readUInt32LE(10 + 12 * file.readUInt16LE(8));
  file.writeUInt32LE(8, second + 2 + 12 * file.readUInt16LE(second));
}

/** The only directory of a small file begins at 8. */
function ownSuccessor(file: Buffer): void {
  file.writeUInt32LE(8, 10 + 12 * file.readUInt16LE(8));
}

/** Opens a file and reads a pixel of its first tile. */
async function read(file: Uint8Array): Promise<number> {
  const cog = await openCog(new RecordingSource(file), 4096, signal);
  const [raster] = await cog.read(0, [{ x: 0, y: 0, width: 1, height: 1 }], signal);
  return raster?.data[0] ?? Number.NaN;
}

/** Reads a pixel at the beginning and one at the end of every tile, of which there are so many in a row, each of this side. */
async function readCorners(file: Uint8Array, tiles: number, side: number): Promise<void> {
  const cog = await openCog(new RecordingSource(file), 4096, signal);
  const corners = Array.from({ length: tiles }, (_, tile) =>
    [0, side - 1].map((at) => ({ x: tile * side + at, y: at })),
  );
  const windows = corners.flat().map((corner) => ({ ...corner, width: 1, height: 1 }));
  await cog.read(0, windows, signal);
}

/** The most memory that this process ever had. */
function peakBytes(): number {
  return 1024 * process.resourceUsage().maxRSS;
}

describe('a hostile file', () => {
  // Decoders are loaded, and take memory once: what a good file costs is no fault of a hostile one.
  beforeAll(async () => {
    expect(await read(tiff({ Compression: LERC }, lercBlob('u8')))).toBe(0);
    await read(tiff({ Compression: 7, ...colour }, await image(16, 16).jpeg().toBuffer()));
    await read(tiff({ Compression: 50001, ...colour }, await image(16, 16).webp().toBuffer()));
  });

  it.each(files)('with %s is refused as invalid, for less than 64 MB and 100 ms of computing', async (_, make) => {
    const file = await make();
    const [memory, computed] = [peakBytes(), process.cpuUsage()];
    expect(await read(file).then(() => 'read', failureCode)).toBe('cog.invalid');
    const { user, system } = process.cpuUsage(computed);
    expect(peakBytes() - memory).toBeLessThan(64e6);
    expect((user + system) / 1000).toBeLessThan(100);
  });
});

describe('a sparse file', () => {
  it.each([
    ['60 bands in tiles of their own', 1, 2048, () => wideBands(60)],
    ['10 large tiles', 10, 4096, () => wideTiles(10)],
  ])('of %s is read for less than 64 MB and 100 ms of computing', async (_, tiles, side, make) => {
    const file = make();
    const [memory, computed] = [peakBytes(), process.cpuUsage()];
    await readCorners(file, tiles, side);
    const { user, system } = process.cpuUsage(computed);
    expect(peakBytes() - memory).toBeLessThan(64e6);
    expect((user + system) / 1000).toBeLessThan(100);
  });
});

describe('openFile on LERC', () => {
  it('reads what is masked in floating point as NaN without data', async () => {
    const fields = { ...small, Compression: LERC, BitsPerSample: 32, SampleFormat: 3 };
    const file = buildTiff([{ fields, tiles: [lercBlob('f32')] }]);
    const cog = await openCog(new RecordingSource(file), 4096, signal);
    const [raster] = await cog.read(0, [{ x: 0, y: 0, width: 16, height: 16 }], signal);
    expect([0, 1, 8, 255].map((pixel) => raster?.data[pixel])).toEqual([Number.NaN, 0, 5, 5.5]);
    expect([0, 1].map((pixel) => raster?.valid?.[pixel])).toEqual([0, 1]);
  });
});
