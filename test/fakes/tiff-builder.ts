import { type TagName, tags, typeBytes } from '../../src/sources/tiff/tiff-tags.ts';

/** TIFFs made in code, right or wrong as a test wants them: headers first, as in a COG, then the tiles. */
export type TiffImage = {
  readonly fields: Readonly<Partial<Record<TagName, FieldValue>>>;
  /** In the order of the index; null is a tile that was left out. */
  readonly tiles: readonly (Uint8Array | null)[];
};

/** Numbers are SHORT or LONG as they need, strings ASCII, bytes UNDEFINED; anything else states its type. */
export type FieldValue = number | readonly number[] | string | Uint8Array | TypedValue;
export type TypedValue = { readonly type: number; readonly values: readonly number[]; readonly count?: number };

export type TiffOptions = {
  readonly bigEndian?: boolean;
  readonly bigTiff?: boolean;
  /** Changes the finished file's bytes, to break it. */
  readonly break?: (file: Buffer) => void;
};

/** A grey 8-bit image of 32 × 32 in four tiles of 16 × 16, uncompressed, to be varied. */
export const plainFields = {
  ImageWidth: 32,
  ImageLength: 32,
  BitsPerSample: 8,
  Compression: 1,
  PhotometricInterpretation: 1,
  SamplesPerPixel: 1,
  TileWidth: 16,
  TileLength: 16,
} as const;

/** Four tiles, the n-th full of the number n. */
export const plainTiles: readonly Uint8Array[] = [1, 2, 3, 4].map((value) => new Uint8Array(256).fill(value));

export function buildTiff(images: readonly TiffImage[], options: TiffOptions = {}): Buffer {
  const sizes = images.map((image) => directoryBytes(withIndex(image, 0), options));
  const headerBytes = options.bigTiff ? 16 : 8;
  const start = headerBytes + sizes.reduce((sum, size) => sum + size, 0);
  const file = Buffer.alloc(
    start + images.flatMap((image) => image.tiles).reduce((sum, t) => sum + (t?.length ?? 0), 0),
  );
  const writer = writerOf(file, options);
  file.write(options.bigEndian ? 'MM' : 'II', 0, 'latin1');
  writer.uint(2, 2, options.bigTiff ? 43 : 42);
  if (options.bigTiff) writer.uint(4, 2, 8);
  writer.uint(headerBytes / 2, headerBytes / 2, images.length > 0 ? headerBytes : 0);
  let directory = headerBytes;
  let data = start;
  for (const [i, image] of images.entries()) {
    const end = directory + (sizes[i] ?? 0);
    writeDirectory(writer, withIndex(image, data), directory, i + 1 < images.length ? end : 0, options);
    for (const tile of image.tiles) {
      file.set(tile ?? [], data);
      data += tile?.length ?? 0;
    }
    directory = end;
  }
  options.break?.(file);
  return file;
}

type Entry = {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  readonly values: readonly number[];
};

function withIndex({ fields, tiles }: TiffImage, start: number): Entry[] {
  let at = start;
  const offsets = tiles.map((tile) => {
    const offset = tile ? at : 0;
    at += tile?.length ?? 0;
    return offset;
  });
  const [offsetTag, countTag] = fields.TileWidth
    ? (['TileOffsets', 'TileByteCounts'] as const)
    : (['StripOffsets', 'StripByteCounts'] as const);
  const index = {
    [offsetTag]: { type: 4, values: offsets },
    [countTag]: { type: 4, values: tiles.map((tile) => tile?.length ?? 0) },
  };
  const all: Partial<Record<TagName, FieldValue>> = { ...index, ...fields };
  return Object.entries(all)
    .map(([name, value]) => toEntry(tags[name as TagName], value))
    .sort((a, b) => a.tag - b.tag);
}

function toEntry(tag: number, value: FieldValue): Entry {
  if (typeof value === 'object' && 'type' in value)
    return { tag, type: value.type, count: value.count ?? value.values.length, values: value.values };
  if (typeof value === 'string') return toEntry(tag, { type: 2, values: [...Buffer.from(`${value}\0`, 'latin1')] });
  if (value instanceof Uint8Array) return toEntry(tag, { type: 7, values: [...value] });
  const values = typeof value === 'number' ? [value] : value;
  return toEntry(tag, { type: values.every((v) => v < 65_536) ? 3 : 4, values });
}

function directoryBytes(entries: readonly Entry[], { bigTiff }: TiffOptions): number {
  const [count, entry, inline] = bigTiff ? [8, 20, 8] : [2, 12, 4];
  const outside = entries.map((e) => e.values.length * (typeBytes(e.type) ?? 1)).filter((bytes) => bytes > inline);
  return count + entries.length * entry + inline + outside.reduce((sum, bytes) => sum + bytes + (bytes % 2), 0);
}

function writeDirectory(
  writer: Writer,
  entries: readonly Entry[],
  at: number,
  next: number,
  { bigTiff }: TiffOptions,
): void {
  const [count, entry, inline] = bigTiff ? [8, 20, 8] : [2, 12, 4];
  let outside = at + count + entries.length * entry + inline;
  writer.uint(at, count, entries.length);
  for (const [i, { tag, type, count: stated, values }] of entries.entries()) {
    const from = at + count + i * entry;
    writer.uint(from, 2, tag);
    writer.uint(from + 2, 2, type);
    writer.uint(from + 4, inline, stated);
    const each = typeBytes(type) ?? 1;
    const bytes = values.length * each;
    const target = bytes > inline ? outside : from + 4 + inline;
    if (bytes > inline) {
      writer.uint(from + 4 + inline, inline, outside);
      outside += bytes + (bytes % 2);
    }
    for (const [n, value] of values.entries()) writer.value(target + n * each, type, value);
  }
  writer.uint(at + count + entries.length * entry, inline, next);
}

type Writer = {
  uint(at: number, width: number, value: number): void;
  value(at: number, type: number, value: number): void;
};

function writerOf(file: Buffer, { bigEndian }: TiffOptions): Writer {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const little = !bigEndian;
  const uint = (at: number, width: number, value: number) => {
    if (width === 8) view.setBigUint64(at, BigInt(value), little);
    else if (width === 4) view.setUint32(at, value, little);
    else if (width === 2) view.setUint16(at, value, little);
    else view.setUint8(at, value);
  };
  return {
    uint,
    value: (at, type, value) =>
      type === 12 ? view.setFloat64(at, value, little) : uint(at, typeBytes(type) ?? 1, value),
  };
}
