import { describe, expect, it } from 'vitest';
import { failureCode } from '../../src/errors.ts';
import { openCog } from '../../src/sources/open-cog.ts';
import { RecordingSource } from '../fakes/recording-source.ts';
import { buildTiff, plainFields, plainTiles, type TiffImage, type TiffOptions } from '../fakes/tiff-builder.ts';

const { signal } = new AbortController();
const all = { x: 0, y: 0, width: 32, height: 32 };

function tiff(fields: TiffImage['fields'] = {}, tiles: TiffImage['tiles'] = plainTiles, options: TiffOptions = {}) {
  return buildTiff([{ fields: { ...plainFields, ...fields }, tiles }], options);
}

function open(file: Uint8Array, firstReadBytes = 32_768) {
  return openCog(new RecordingSource(file), firstReadBytes, signal);
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'read',
    (error: unknown) => failureCode(error),
  );
}

/** The value of the four plain tiles at a pixel. */
const plainAt = (x: number, y: number) => 1 + Math.floor(x / 16) + 2 * Math.floor(y / 16);

describe('openCog', () => {
  it('needs one read for the header, and reads the rest of a longer one in one request', async () => {
    const file = tiff();
    const whole = new RecordingSource(file);
    await openCog(whole, 1024, signal);
    expect(whole.ranges).toEqual([{ offset: 0, length: 1024 }]);

    const short = new RecordingSource(file);
    await openCog(short, 140, signal);
    const end = file.length - 4 * 256;
    expect(end).toBe(166);
    expect(short.ranges).toEqual([
      { offset: 0, length: 140 },
      { offset: 140, length: end - 140 },
    ]);
  });

  it('goes on to directories whose place it learns on the way', async () => {
    const overview = { ...plainFields, NewSubfileType: 1, ImageWidth: 16, ImageLength: 16 };
    const file = buildTiff([
      { fields: plainFields, tiles: plainTiles },
      { fields: overview, tiles: [new Uint8Array(256).fill(9)] },
    ]);
    const source = new RecordingSource(file);
    const cog = await openCog(source, 16, signal);
    expect(cog.levels.map(({ width, height }) => [width, height])).toEqual([
      [32, 32],
      [16, 16],
    ]);
    expect(cog.cost.trips).toBeLessThanOrEqual(5);
    expect(cog.cost.bytes).toBeLessThan(file.length);
  });

  it('leaves masks, their overviews and further pages out of the levels', async () => {
    const small = { ...plainFields, ImageWidth: 16, ImageLength: 16 };
    const tile = [new Uint8Array(256)];
    const file = buildTiff([
      { fields: plainFields, tiles: plainTiles },
      { fields: { ...plainFields, NewSubfileType: 4 }, tiles: plainTiles },
      { fields: { ...small, NewSubfileType: 5 }, tiles: tile },
      { fields: { ...small, NewSubfileType: 1 }, tiles: tile },
      { fields: small, tiles: tile },
    ]);
    expect((await open(file)).levels.map((level) => level.width)).toEqual([32, 16]);
  });

  it.each([
    ['classic, low byte first', {}],
    ['classic, high byte first', { bigEndian: true }],
    ['BigTIFF, low byte first', { bigTiff: true }],
    ['BigTIFF, high byte first', { bigEndian: true, bigTiff: true }],
  ] as const)('reads a file that is %s', async (_, options) => {
    const cog = await open(tiff({}, plainTiles, options));
    const [raster] = await cog.read(0, [{ x: 10, y: 9, width: 12, height: 20 }], signal);
    const expected = Array.from({ length: 240 }, (_, i) => plainAt(10 + (i % 12), 9 + Math.floor(i / 12)));
    expect(Array.from(raster?.data ?? [])).toEqual(expected);
    expect(raster).toMatchObject({ width: 12, height: 20, bands: 1 });
  });

  it('fetches each tile under all windows once, neighbours together', async () => {
    const file = tiff();
    const source = new RecordingSource(file);
    const cog = await openCog(source, 166, signal);
    const windows = [
      { x: 0, y: 0, width: 17, height: 16 },
      { x: 12, y: 2, width: 8, height: 8 },
      { x: 1, y: 1, width: 1, height: 1 },
    ];
    const rasters = await cog.read(0, windows, signal);
    expect(source.ranges.slice(1)).toEqual([{ offset: 166, length: 512 }]);
    expect(cog.cost).toEqual({ bytes: 166 + 512, requests: 2, trips: 2, tiles: 2 });
    expect(rasters.map((raster) => [raster.data[0], raster.data.at(-1)])).toEqual([
      [1, 2],
      [1, 2],
      [1, 1],
    ]);
  });

  it('takes tiles that came with the header from memory', async () => {
    const source = new RecordingSource(tiff());
    const cog = await openCog(source, 166 + 256, signal);
    await cog.read(0, [{ x: 0, y: 0, width: 16, height: 16 }], signal);
    expect(source.ranges).toHaveLength(1);
    await cog.read(0, [all], signal);
    expect(source.ranges.slice(1)).toEqual([{ offset: 166 + 256, length: 3 * 256 }]);
    expect(cog.cost).toEqual({ bytes: file(4), requests: 2, trips: 2, tiles: 5 });
  });

  it('counts reads that wait for none as one trip', async () => {
    const source = new RecordingSource(tiff());
    const cog = await openCog(source, 166, signal);
    await cog.read(0, [corner(0, 0), corner(16, 16)], signal);
    expect(cog.cost).toMatchObject({ requests: 3, trips: 2 });
  });

  it('reads a mask of bits beside the pixels, and counts none of its tiles', async () => {
    // 16 columns are two bytes of a row; the first 9 of them have data, in all but the last tile.
    const bits = Uint8Array.from({ length: 32 }, (_, i) => (i % 2 === 0 ? 0b1111_1111 : 0b1000_0000));
    const mask = { ...plainFields, NewSubfileType: 4, BitsPerSample: 1, PhotometricInterpretation: 4 };
    const source = new RecordingSource(
      buildTiff([
        { fields: plainFields, tiles: plainTiles },
        { fields: mask, tiles: [bits, bits, bits, null] },
      ]),
    );
    const cog = await openCog(source, 340, signal);
    expect(cog.levels).toHaveLength(1);
    const [raster] = await cog.read(0, [all], signal);
    const expected = Uint8Array.from({ length: 1024 }, (_, i) => (i % 16 < 9 && !(i % 32 > 15 && i > 511) ? 1 : 0));
    expect(raster?.valid).toEqual(expected);
    expect(Array.from(raster?.data.slice(15, 17) ?? [])).toEqual([1, 2]);
    expect(cog.cost).toMatchObject({ trips: 2, tiles: 4 });
  });

  it('fails where pixels cannot be read, whatever their mask says', async () => {
    const broken = new Uint8Array(256).fill(1);
    const fields = { ...plainFields, NewSubfileType: 4 };
    const file = buildTiff([
      { fields: { ...plainFields, Compression: 8 }, tiles: [broken, broken, broken, broken] },
      { fields, tiles: plainTiles },
    ]);
    expect(await codeOf(open(file).then((cog) => cog.read(0, [all], signal)))).toBe('cog.invalid');
  });

  it.each([
    ['', 0],
    ['7', 7],
    ['-9999', 0],
    ['nan', 0],
    ['1e9', 255],
  ])('fills a tile that was left out with nodata "%s" as %i', async (GdalNodata, fill) => {
    const cog = await open(tiff(GdalNodata === '' ? {} : { GdalNodata }, [null, ...plainTiles.slice(1)]));
    const [raster] = await cog.read(0, [{ x: 15, y: 0, width: 2, height: 1 }], signal);
    expect(Array.from(raster?.data ?? [])).toEqual([fill, 2]);
    expect(raster?.valid).toEqual(Uint8Array.of(0, 1));
    expect(cog.cost.tiles).toBe(1);
  });

  it('fills a YCbCr tile that was left out with black, not with the green of YCbCr zeros', async () => {
    const fields = { SamplesPerPixel: 3, BitsPerSample: [8, 8, 8], Compression: 7, PhotometricInterpretation: 6 };
    const cog = await open(tiff(fields, [null, null, null, null]));
    const [raster] = await cog.read(0, [all], signal);
    expect(new Set(raster?.data)).toEqual(new Set([0]));
  });

  it('puts bands that lie in planes side by side', async () => {
    const fields = { SamplesPerPixel: 2, BitsPerSample: [8, 8], PlanarConfiguration: 2 };
    const cog = await open(tiff(fields, [...plainTiles, ...plainTiles.map((tile) => tile.map((value) => value * 10))]));
    const [raster] = await cog.read(0, [{ x: 15, y: 15, width: 2, height: 2 }], signal);
    expect(Array.from(raster?.data ?? [])).toEqual([1, 10, 2, 20, 3, 30, 4, 40]);
  });

  it('reads strips, the last one shorter', async () => {
    const { TileWidth: _w, TileLength: _l, ...striped } = plainFields;
    const fields = { ...striped, RowsPerStrip: 20 };
    const strips = [new Uint8Array(32 * 20).fill(1), new Uint8Array(32 * 12).fill(2)];
    const cog = await open(buildTiff([{ fields, tiles: strips }]));
    const [raster] = await cog.read(0, [{ x: 3, y: 18, width: 1, height: 14 }], signal);
    expect(Array.from(raster?.data ?? [])).toEqual([1, 1, ...new Array(12).fill(2)]);
  });

  it.each([
    { x: -1, y: 0, width: 4, height: 4 },
    { x: 0, y: 30, width: 4, height: 4 },
    { x: 0, y: 0, width: 0, height: 4 },
    { x: 0.5, y: 0, width: 4, height: 4 },
  ])('refuses window $x, $y, $width, $height: a bug, not a bad file', async (window) => {
    const cog = await open(tiff());
    await expect(cog.read(0, [window], signal)).rejects.toThrow(RangeError);
    await expect(cog.read(1, [all], signal)).rejects.toThrow(RangeError);
  });

  it('stops at an abort with its own reason', async () => {
    const cog = await open(tiff(), 166);
    const reason = new Error('enough');
    await expect(cog.read(0, [all], AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

describe('openCog, given a hostile or broken file', () => {
  const bigTile = {
    TileWidth: 4096,
    TileLength: 4096,
    SamplesPerPixel: 8,
    BitsPerSample: new Array<number>(8).fill(8),
  };
  const bigBits = { ...bigTile, BitsPerSample: new Array<number>(8).fill(1) };
  const bigHalves = { ...bigTile, SamplesPerPixel: 2, BitsPerSample: [16, 16], SampleFormat: [3, 3] };
  const loop = (file: Buffer) => file.writeUInt32LE(8, 8 + 2 + 10 * 12);
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ['of no bytes', new Uint8Array(), 'cog.invalid'],
    ['of seven bytes', Buffer.from('II*\0\b\0\0'), 'cog.invalid'],
    ['that is a PNG', Buffer.from('\x89PNG\r\n\x1a\n0123456789', 'latin1'), 'cog.invalid'],
    ['without a directory', buildTiff([]), 'cog.invalid'],
    ['whose directory is its own successor', tiff({}, plainTiles, { break: loop }), 'cog.invalid'],
    ['of 65 directories', buildTiff(new Array(65).fill({ fields: plainFields, tiles: plainTiles })), 'cog.invalid'],
    ['of 60 000 fields', tiff({}, plainTiles, { break: (file) => file.writeUInt16LE(60_000, 8) }), 'cog.invalid'],
    [
      'whose directory is beyond its end',
      tiff({}, plainTiles, { break: (f) => f.writeUInt32LE(2e9, 4) }),
      'cog.invalid',
    ],
    ['cut off in the directory', tiff().subarray(0, 100), 'cog.invalid'],
    ['4e9 pixels wide', tiff({ ImageWidth: 4_000_000_000 }), 'cog.invalid'],
    ['with tiles of no width', tiff({ TileWidth: { type: 3, values: [0] } }), 'cog.invalid'],
    ['with tiles of 100 000 rows', tiff({ TileLength: 100_000 }), 'cog.invalid'],
    ['with 1e9 offsets', tiff({ TileOffsets: { type: 4, values: [0], count: 1e9 } }), 'cog.invalid'],
    ['with one offset too few', tiff({ TileOffsets: [200, 456, 712] }), 'cog.invalid'],
    ['of a width that is many values', tiff({ ImageWidth: [32, 32, 32] }), 'cog.invalid'],
    ['of a width of unknown type', tiff({ ImageWidth: { type: 99, values: [32] } }), 'cog.invalid'],
    ['of a width that is text', tiff({ ImageWidth: '32' }), 'cog.invalid'],
    ['of offsets beyond 2^53', tiff({ TileOffsets: { type: 16, values: [2 ** 60, 1, 1, 1] } }), 'cog.invalid'],
    ['of 60 000 bands', tiff({ SamplesPerPixel: 60_000 }), 'cog.invalid'],
    ['of 12-bit samples', tiff({ BitsPerSample: 12 }), 'cog.unsupported'],
    ['of mixed samples', tiff({ SamplesPerPixel: 2, BitsPerSample: [8, 16] }), 'cog.unsupported'],
    ['of tiles of 128 MiB', tiff(bigTile, [new Uint8Array(1)]), 'cog.unsupported'],
    ['of tiles of 16 MiB in bits, which are 128 in bytes', tiff(bigBits, [new Uint8Array(1)]), 'cog.unsupported'],
    ['of tiles of 64 MiB in half-precision numbers', tiff(bigHalves, [new Uint8Array(1)]), 'cog.unsupported'],
    ['in JPEG 2000', tiff({ Compression: 34712 }), 'cog.unsupported'],
    ['in a compression that nobody knows', tiff({ Compression: 4711 }), 'cog.unsupported'],
    ['in YCbCr without JPEG', tiff({ PhotometricInterpretation: 6 }), 'cog.unsupported'],
    ['with predictor 9', tiff({ Compression: 5, Predictor: 9 }), 'cog.unsupported'],
    ['with geo keys without end', tiff({ GeoKeyDirectory: { type: 12, values: [1, 1, 0, 1e300] } }), 'cog.invalid'],
    ['with geo keys of nothing', tiff({ GeoKeyDirectory: [1, 1, 0, 1, 1024, 34736, 1, 0] }), 'cog.invalid'],
  ];

  it.each(cases)('refuses one %s', async (_, file, code) => {
    expect(await codeOf(open(file))).toBe(code);
  });

  const tiles: readonly (readonly [string, Uint8Array, string])[] = [
    ['beyond the end of the file', tiff().subarray(0, -10), 'cog.invalid'],
    ['shorter than its pixels', tiff({}, [...plainTiles.slice(0, 3), new Uint8Array(100)]), 'cog.invalid'],
    ['absurdly longer than its pixels', tiff({}, [...plainTiles.slice(0, 3), new Uint8Array(100_000)]), 'cog.invalid'],
    ...[5, 7, 8, 32773, 50000].map(
      (Compression) =>
        [`of noise for compression ${Compression}`, tiff({ Compression }, plainTiles), 'cog.invalid'] as const,
    ),
    ['of noise for WebP', tiff({ Compression: 50001, SamplesPerPixel: 3, BitsPerSample: [8, 8, 8] }), 'cog.invalid'],
  ];

  it.each(tiles)('refuses a tile %s', async (_, file, code) => {
    expect(await codeOf(open(file).then((cog) => cog.read(0, [all], signal)))).toBe(code);
  });

  it('says what is wrong in numbers', async () => {
    const cog = await open(tiff().subarray(0, -10));
    await expect(cog.read(0, [all], signal)).rejects.toThrow('tile 3: 256 bytes at 934, but the file ends at 1180');
  });
});

const corner = (x: number, y: number) => ({ x, y, width: 4, height: 4 });
const file = (tiles: number) => 166 + tiles * 256;
