import { SceneError } from '../../errors.ts';
import type { Window } from '../../scene.ts';
import { inflate } from './inflate.ts';
import { isFloat, type Layout, tileBytes } from './layout.ts';
import { lerc } from './lerc.ts';
import { lzw } from './lzw.ts';
import { packBits } from './pack-bits.ts';
import { jpeg, webp } from './web-images.ts';
import { zstd } from './zstd.ts';

/** What a decoder must make of a tile's bytes. */
export type TileShape = {
  readonly layout: Layout;
  readonly width: number;
  readonly rows: number;
  /** Per pixel of this tile: the bands, or 1 where each band has its own tiles. */
  readonly samples: number;
  /** Decoded. */
  readonly bytes: number;
  /** What of the tile is wanted, in its own pixels: all that the codecs for images give. The others give all of it. */
  readonly part: Window;
};

/** Undoes a compression; what comes out is the caller's to change, but for pixels stored as they are. */
export type Decoder = (bytes: Uint8Array, tile: TileShape) => Promise<Uint8Array>;

const JPEG = 7;
const LERC = 34887;
const WEBP = 50001;

/** By Compression (TIFF tag 259). A new codec is a line here and a file beside it. */
export const decoders: ReadonlyMap<number, Decoder> = new Map<number, Decoder>([
  [1, stored],
  [5, async (bytes, tile) => lzw(bytes, tile.bytes)],
  [JPEG, jpeg],
  [8, (bytes, tile) => inflate(bytes, tile.bytes)],
  [32773, async (bytes, tile) => packBits(bytes, tile.bytes)],
  [32946, (bytes, tile) => inflate(bytes, tile.bytes)],
  [LERC, lerc],
  [50000, (bytes, tile) => zstd(bytes, tile.bytes)],
  [WEBP, webp],
]);

const names: Readonly<Record<number, string>> = {
  1: 'none',
  2: 'CCITT RLE',
  3: 'CCITT fax 3',
  4: 'CCITT fax 4',
  5: 'LZW',
  6: 'old-style JPEG',
  7: 'JPEG',
  8: 'Deflate',
  32773: 'PackBits',
  32946: 'Deflate',
  34712: 'JPEG 2000',
  34887: 'LERC',
  34925: 'LZMA',
  50000: 'Zstandard',
  50001: 'WebP',
  50002: 'JPEG XL',
};

export function compressionName(compression: number): string {
  return names[compression] ?? 'unknown';
}

/** @throws {SceneError} `cog.unsupported` */
export function decoderFor(compression: number): Decoder {
  const decoder = decoders.get(compression);
  if (decoder) return decoder;
  throw unsupported(`compression ${compression} (${compressionName(compression)})`);
}

const YCBCR = 6;

/** What the codecs for images can hold in a tile. */
const imageBands: ReadonlyMap<number, readonly number[]> = new Map([
  [JPEG, [1, 3, 4]],
  [WEBP, [3, 4]],
]);

/** Whether a codec gives the wanted part of a tile alone, which takes a tenth of the memory for a patch in its middle. */
export function decodesParts(compression: number): boolean {
  return imageBands.has(compression);
}

/** A tile is decoded whole, or to the last row that is wanted. */
const MAX_TILE_BYTES = 64 * 1024 * 1024;

/**
 * What can be said of a level's codec before any tile is fetched.
 * @throws {SceneError} `cog.unsupported`
 */
export function expectDecodable(layout: Layout): void {
  const { compression, photometric, predictor, samples, grid } = layout;
  decoderFor(compression);
  const bytes = tileBytes(layout, grid.tileHeight);
  if (bytes > MAX_TILE_BYTES) throw unsupported(`tiles of ${bytes} bytes, at most ${MAX_TILE_BYTES} are decoded`);
  const images = imageBands.get(compression);
  const bands = grid.bands / grid.planes;
  if (images && !(samples === 'u8' && images.includes(bands))) {
    throw unsupported(`compression ${compression} of ${bands} bands of ${samples}`);
  }
  if (photometric === YCBCR && compression !== JPEG) throw unsupported(`YCbCr in compression ${compression}`);
  if (samples === 'u1' && predictor !== 1) throw unsupported(`predictor ${predictor} of samples ${samples}`);
  if (compression === LERC && (samples === 'u1' || samples === 'f16')) throw unsupported(`LERC of samples ${samples}`);
  if (predictor === 3 ? !isFloat(samples) : predictor !== 1 && predictor !== 2) {
    throw unsupported(`predictor ${predictor} of samples ${samples}`);
  }
}

function unsupported(message: string): SceneError {
  return new SceneError('cog.unsupported', message);
}

/** Where nothing is to be changed in them, the bytes themselves: what is copied twice takes twice the time. */
async function stored(bytes: Uint8Array, { layout, bytes: length }: TileShape): Promise<Uint8Array> {
  const pixels = bytes.subarray(0, length);
  return layout.littleEndian ? pixels : new Uint8Array(pixels);
}
