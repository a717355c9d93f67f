import { SceneError } from '../../errors.ts';
import type { PixelArray } from '../../scene.ts';
import type { NodataRanges } from '../rasters/mark-valid.ts';
import { readNodata } from './nodata.ts';
import type { ImageDirectory } from './read-header.ts';
import type { TileGrid } from './tile-grid.ts';
import type { TileIndex } from './tile-index.ts';

/** How the pixels of one level are stored: all that planning, decoding and assembling need to know. Plain data. */
export type Layout = {
  readonly grid: TileGrid;
  readonly samples: SampleType;
  readonly littleEndian: boolean;
  /** TIFF tag 259. */
  readonly compression: number;
  /** TIFF tag 317: 1 none, 2 differences, 3 floating point. */
  readonly predictor: number;
  /** TIFF tag 262. */
  readonly photometric: number;
  readonly jpegTables: Uint8Array | undefined;
  /** What LERC is packed in, by the second of its parameters (tag 50674): 0 nothing, 1 Deflate, 2 Zstandard. */
  readonly lercPacking: number;
  /** What a tile that was left out holds. */
  readonly fill: number;
  /** A pixel has no data where all its bands lie in these; undefined where no sample can. */
  readonly nodata: NodataRanges | undefined;
  /** What is known of where tiles lie; none: all is known. */
  readonly index?: TileIndex;
  /** Where each tile lies; a tile of 0 bytes was left out. */
  readonly offsets: Float64Array;
  readonly byteCounts: Float64Array;
};

/** `u1` is a bit: eight in a byte, the highest first, each row in whole bytes. */
export type SampleType = 'u1' | 'u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32' | 'f16' | 'f32' | 'f64';

type SampleArray = {
  new (length: number): PixelArray;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): PixelArray;
  readonly BYTES_PER_ELEMENT: number;
};

/** What holds the samples once they are decoded: a bit takes a byte then, a half-precision number 4. */
export const sampleArrays: Readonly<Record<SampleType, SampleArray>> = {
  u1: Uint8Array,
  u8: Uint8Array,
  i8: Int8Array,
  u16: Uint16Array,
  i16: Int16Array,
  u32: Uint32Array,
  i32: Int32Array,
  f16: Float32Array,
  f32: Float32Array,
  f64: Float64Array,
};

/** By SampleFormat (tag 339) and BitsPerSample (tag 258); format 4, undefined, is read as unsigned. */
const sampleTypes: Readonly<Record<string, SampleType>> = {
  '1:1': 'u1',
  '1:8': 'u8',
  '1:16': 'u16',
  '1:32': 'u32',
  '2:8': 'i8',
  '2:16': 'i16',
  '2:32': 'i32',
  '3:16': 'f16',
  '3:32': 'f32',
  '3:64': 'f64',
  '4:8': 'u8',
  '4:16': 'u16',
  '4:32': 'u32',
};

/** Compressions that know predictors: LZW, Deflate, Zstandard. Others pass over the tag, as libtiff does. */
const predictable: ReadonlySet<number> = new Set([5, 8, 32946, 50000]);

/** @throws {SceneError} `cog.unsupported` for samples of a kind that we do not read, `cog.invalid` */
export function readLayout({ values, grid, index }: ImageDirectory, littleEndian: boolean): Layout {
  const samples = sampleType(values.numbers('BitsPerSample'), values.numbers('SampleFormat'));
  if (values.number('FillOrder') === 2) throw new SceneError('cog.unsupported', 'FillOrder 2: bits in reverse order');
  const compression = values.number('Compression') ?? 1;
  return {
    grid,
    samples,
    littleEndian,
    compression,
    predictor: predictable.has(compression) ? (values.number('Predictor') ?? 1) : 1,
    photometric: values.number('PhotometricInterpretation') ?? 1,
    jpegTables: values.bytes('JPEGTables'),
    lercPacking: values.numbers('LercParameters')?.[1] ?? 0,
    ...readNodata(values.text('GdalNodata'), samples),
    index,
    offsets: index.offsets,
    byteCounts: index.byteCounts,
  };
}

/** Bytes of one decompressed tile with `rows` rows. */
export function tileBytes({ grid, samples }: Layout, rows: number): number {
  const row = grid.tileWidth * (grid.bands / grid.planes);
  return rows * (samples === 'u1' ? Math.ceil(row / 8) : row * storedBytes(samples));
}

/** A tile is decoded whole; bits take eight times as much then as they did, half-precision numbers twice. */
export const MAX_TILE_BYTES = 64 * 1024 * 1024;

/** Bytes that the samples of a whole tile take in memory. */
export function decodedBytes({ grid, samples }: Layout): number {
  return grid.tileWidth * grid.tileHeight * (grid.bands / grid.planes) * sampleArrays[samples].BYTES_PER_ELEMENT;
}

/** Of one sample in a decompressed tile, but for bits. */
export function storedBytes(samples: SampleType): number {
  return samples === 'f16' ? 2 : sampleArrays[samples].BYTES_PER_ELEMENT;
}

export function isFloat(samples: SampleType): boolean {
  return samples.startsWith('f');
}

function sampleType(bits: Float64Array = Float64Array.of(1), formats: Float64Array = Float64Array.of(1)): SampleType {
  const kinds = new Set(Array.from(bits, (b, i) => `${formats[i] ?? formats[0]}:${b}`));
  const [kind = ''] = kinds;
  const type = sampleTypes[kind];
  if (kinds.size === 1 && type) return type;
  throw new SceneError('cog.unsupported', `samples of format:bits ${[...kinds].join(', ')}`);
}
