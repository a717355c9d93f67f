import { SceneError } from '../../errors.ts';
import { byteDecoders } from './byte-decoders.ts';
import { jpeg } from './jpeg.ts';
import { decodedBytes, isFloat, type Layout, MAX_TILE_BYTES, storedBytes } from './layout.ts';
import type { ImageDecoder } from './tile-shape.ts';
import { webp } from './web-images.ts';

const JPEG = 7;
const LERC = 34887;
const WEBP = 50001;

/** Codecs for images, by Compression (TIFF tag 259). A new codec is a line here, or among those that give bytes, and a file beside it. */
export const imageDecoders: ReadonlyMap<number, ImageDecoder> = new Map([
  [JPEG, jpeg],
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

const CMYK = 5;
const YCBCR = 6;
const CIELAB = 8;

/** What the codecs for images can hold in a tile. */
const imageBands: ReadonlyMap<number, readonly number[]> = new Map([
  [JPEG, [1, 3, 4]],
  [WEBP, [3, 4]],
]);

/**
 * What can be said of a level's codec before any tile is fetched.
 * @throws {SceneError} `cog.unsupported`
 */
export function expectDecodable(layout: Layout): void {
  const { compression, photometric, predictor, samples, grid } = layout;
  if (!imageDecoders.has(compression) && !byteDecoders.has(compression)) {
    throw unsupported(`compression ${compression} (${compressionName(compression)})`);
  }
  const bytes = decodedBytes(layout);
  if (bytes > MAX_TILE_BYTES) throw unsupported(`tiles of ${bytes} bytes, at most ${MAX_TILE_BYTES} are decoded`);
  const images = imageBands.get(compression);
  const bands = grid.bands / grid.planes;
  if (images && !(samples === 'u8' && images.includes(bands))) {
    throw unsupported(`compression ${compression} of ${bands} bands of ${samples}`);
  }
  // GDAL shows neither as it is stored, but turned into red, green, blue and alpha.
  if (sampleBits(layout) <= 8 && photometric === CMYK && grid.bands >= 4) throw unsupported('CMYK of 8 bits');
  if (sampleBits(layout) <= 8 && photometric === CIELAB && grid.bands === 3) throw unsupported('CIELab of 8 bits');
  if (photometric === YCBCR && compression !== JPEG) throw unsupported(`YCbCr in compression ${compression}`);
  if (samples === 'u1' && predictor !== 1) throw unsupported(`predictor ${predictor} of samples ${samples}`);
  if (compression === LERC && (samples === 'u1' || samples === 'f16')) throw unsupported(`LERC of samples ${samples}`);
  if (predictor === 3 ? !isFloat(samples) : predictor !== 1 && predictor !== 2) {
    throw unsupported(`predictor ${predictor} of samples ${samples}`);
  }
}

function sampleBits({ samples }: Layout): number {
  return samples === 'u1' ? 1 : 8 * storedBytes(samples);
}

function unsupported(message: string): SceneError {
  return new SceneError('cog.unsupported', message);
}
