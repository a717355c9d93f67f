/**
 * The front of a Cloud-Optimized GeoTIFF in GDAL's layout: TIFF header, ghost area ("GDAL_STRUCTURAL_METADATA"), then
 * every image file directory with its values right behind it, full resolution first. Classic TIFF, or BigTIFF where
 * offsets need more than 32 bits.
 */
export type Georeference = {
  /** A projected CRS in metres, such as 32631 (WGS 84 / UTM zone 31N). */
  readonly epsg: number;
  /** Easting and northing of the outer corner of the top left pixel, in metres. */
  readonly originX: number;
  readonly originY: number;
  /** Side of a pixel in metres. */
  readonly pixelSize: number;
};

/** One resolution: what its directory says of it. */
export type Directory = {
  readonly width: number;
  readonly height: number;
  /** File offset of each tile's first byte, row by row, and its length in bytes. */
  readonly offsets: readonly number[];
  readonly lengths: readonly number[];
};

export type HeaderSettings = {
  readonly tileSize: number;
  /** Samples of a pixel, 8 bits each. */
  readonly bands: number;
  /** Quantisation and Huffman tables that the tiles share; without them the tiles are Deflate. */
  readonly jpegTables: Uint8Array | undefined;
  readonly georeference: Georeference | undefined;
  readonly bigTiff: boolean;
};

/** What every tile is wrapped in: its length before it, its last four bytes repeated behind it. */
export const TILE_LEADER_BYTES = 4;
export const TILE_TRAILER_BYTES = 4;

const GHOST_BODY = [
  'LAYOUT=IFDS_BEFORE_DATA',
  'BLOCK_ORDER=ROW_MAJOR',
  'BLOCK_LEADER=SIZE_AS_UINT4',
  'BLOCK_TRAILER=LAST_4_BYTES_REPEATED',
  'KNOWN_INCOMPATIBLE_EDITION=NO\n ', // the blank leaves room for an editor to write YES
].join('\n');
const GHOST = `GDAL_STRUCTURAL_METADATA_SIZE=${String(GHOST_BODY.length).padStart(6, '0')} bytes\n${GHOST_BODY}`;

/** Black and white of Y, Cb and Cr, each a numerator and a denominator. */
const FULL_RANGE = [0, 1, 255, 1, 128, 1, 255, 1, 128, 1, 255, 1];

const FieldType = { SHORT: 3, LONG: 4, RATIONAL: 5, UNDEFINED: 7, DOUBLE: 12, LONG8: 16 } as const;
const fieldBytes = { SHORT: 2, LONG: 4, RATIONAL: 8, UNDEFINED: 1, DOUBLE: 8, LONG8: 8 } as const;

type Field = { readonly tag: number; readonly type: keyof typeof FieldType; readonly values: ArrayLike<number> };

/**
 * The bytes before the first tile.
 * @param directories full resolution first. Their offsets do not change the header's length, so a header made with
 * offsets of zero tells where the tiles may begin.
 */
export function cogHeader(directories: readonly Directory[], settings: HeaderSettings): Buffer {
  const { bigTiff } = settings;
  const start = bigTiff ? 16 : 8;
  const fields = directories.map((directory, index) => fieldsOf(directory, index, settings));
  const sizes = fields.map((list) => directoryBytes(list, bigTiff));
  const first = even(start + GHOST.length);
  const header = Buffer.alloc(first + sizes.reduce((sum, size) => sum + size, 0));
  writeStart(header, first, bigTiff);
  header.write(GHOST, start, 'latin1');
  fields.reduce((at, list, index) => {
    const next = at + (sizes[index] as number);
    writeDirectory(header, at, list, { bigTiff, next: index + 1 < fields.length ? next : 0 });
    return next;
  }, first);
  return header;
}

function writeStart(header: Buffer, firstDirectory: number, bigTiff: boolean): void {
  header.write('II', 0, 'latin1');
  header.writeUInt16LE(bigTiff ? 43 : 42, 2);
  if (!bigTiff) {
    header.writeUInt32LE(firstDirectory, 4);
    return;
  }
  header.writeUInt16LE(8, 4); // bytes of an offset
  header.writeBigUInt64LE(BigInt(firstDirectory), 8);
}

/** In ascending order of tags, as TIFF 6.0 demands. */
function fieldsOf({ width, height, offsets, lengths }: Directory, index: number, settings: HeaderSettings): Field[] {
  const { tileSize, bands, jpegTables, georeference, bigTiff } = settings;
  const each = (value: number) => Array.from({ length: bands }, () => value);
  const fields: Field[] = [
    { tag: 254, type: 'LONG', values: [index === 0 ? 0 : 1] }, // NewSubfileType: 1 = reduced resolution
    { tag: 256, type: 'LONG', values: [width] },
    { tag: 257, type: 'LONG', values: [height] },
    { tag: 258, type: 'SHORT', values: each(8) }, // BitsPerSample
    { tag: 277, type: 'SHORT', values: [bands] }, // SamplesPerPixel
    { tag: 284, type: 'SHORT', values: [1] }, // PlanarConfiguration: interleaved
    { tag: 322, type: 'LONG', values: [tileSize] },
    { tag: 323, type: 'LONG', values: [tileSize] },
    { tag: 324, type: bigTiff ? 'LONG8' : 'LONG', values: offsets },
    { tag: 325, type: 'LONG', values: lengths },
    { tag: 339, type: 'SHORT', values: each(1) }, // SampleFormat: unsigned
    ...(jpegTables ? jpegFields(jpegTables) : deflateFields),
    ...(georeference && index === 0 ? geoFields(georeference) : []),
  ];
  return fields.sort((a, b) => a.tag - b.tag);
}

function jpegFields(jpegTables: Uint8Array): Field[] {
  return [
    { tag: 259, type: 'SHORT', values: [7] }, // Compression: JPEG
    { tag: 262, type: 'SHORT', values: [6] }, // PhotometricInterpretation: YCbCr
    { tag: 347, type: 'UNDEFINED', values: jpegTables },
    { tag: 530, type: 'SHORT', values: [2, 2] }, // YCbCrSubSampling: 4:2:0
    { tag: 532, type: 'RATIONAL', values: FULL_RANGE }, // ReferenceBlackWhite
  ];
}

const deflateFields: readonly Field[] = [
  { tag: 259, type: 'SHORT', values: [8] }, // Compression: Deflate
  { tag: 262, type: 'SHORT', values: [1] }, // PhotometricInterpretation: black is zero
];

/** GeoTIFF 1.1: where the raster lies (ModelPixelScale, ModelTiepoint) and in which CRS (GeoKeyDirectory). */
function geoFields({ epsg, originX, originY, pixelSize }: Georeference): Field[] {
  const keys = [
    [1024, 1], // GTModelType: projected
    [1025, 1], // GTRasterType: pixel is area
    [3072, epsg], // ProjectedCRS
    [3076, 9001], // ProjLinearUnits: metre
  ] as const;
  const directory = [1, 1, 0, keys.length, ...keys.flatMap(([key, value]) => [key, 0, 1, value])];
  return [
    { tag: 33550, type: 'DOUBLE', values: [pixelSize, pixelSize, 0] },
    { tag: 33922, type: 'DOUBLE', values: [0, 0, 0, originX, originY, 0] },
    { tag: 34735, type: 'SHORT', values: directory },
  ];
}

function directoryBytes(fields: readonly Field[], bigTiff: boolean): number {
  const [count, entry, next, inline] = bigTiff ? [8, 20, 8, 8] : [2, 12, 4, 4];
  const behind = fields.map(valueBytes).filter((bytes) => bytes > inline);
  return even(count + entry * fields.length + next) + behind.reduce((sum, bytes) => sum + even(bytes), 0);
}

function writeDirectory(
  header: Buffer,
  at: number,
  fields: readonly Field[],
  { bigTiff, next }: { bigTiff: boolean; next: number },
): void {
  const [count, entry, inline] = bigTiff ? [8, 20, 8] : [2, 12, 4];
  const writeOffset = (value: number, position: number) =>
    bigTiff ? header.writeBigUInt64LE(BigInt(value), position) : header.writeUInt32LE(value, position);
  if (bigTiff) header.writeBigUInt64LE(BigInt(fields.length), at);
  else header.writeUInt16LE(fields.length, at);
  const end = at + count + entry * fields.length;
  writeOffset(next, end);
  let behind = even(end + inline);
  for (const [index, field] of fields.entries()) {
    const position = at + count + entry * index;
    const valueAt = position + 4 + inline;
    const bytes = valueBytes(field);
    header.writeUInt16LE(field.tag, position);
    header.writeUInt16LE(FieldType[field.type], position + 2);
    writeOffset(countOf(field), position + 4);
    writeValues(header, bytes > inline ? behind : valueAt, field);
    if (bytes <= inline) continue;
    writeOffset(behind, valueAt);
    behind += even(bytes);
  }
}

function writeValues(header: Buffer, at: number, { type, values }: Field): void {
  const step = type === 'RATIONAL' ? 4 : fieldBytes[type];
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] as number;
    const position = at + i * step;
    if (type === 'SHORT') header.writeUInt16LE(value, position);
    else if (type === 'UNDEFINED') header.writeUInt8(value, position);
    else if (type === 'DOUBLE') header.writeDoubleLE(value, position);
    else if (type === 'LONG8') header.writeBigUInt64LE(BigInt(value), position);
    else header.writeUInt32LE(value, position);
  }
}

/** A rational is written as two longs and counts as one value. */
function countOf({ type, values }: Field): number {
  return type === 'RATIONAL' ? values.length / 2 : values.length;
}

function valueBytes(field: Field): number {
  return countOf(field) * fieldBytes[field.type];
}

function even(bytes: number): number {
  return bytes + (bytes % 2);
}
