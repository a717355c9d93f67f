import { decode, type LercData, load } from 'lerc';
import { SceneError } from '../../errors.ts';
import { inflate } from './inflate.ts';
import { type LercHeader, lercHeader } from './lerc-header.ts';
import type { TileShape } from './tile-shape.ts';
import { zstd, zstdContentBytes } from './zstd.ts';

/**
 * LERC (TIFF compression 34887) by Esri's own decoder, alone or within Deflate or Zstandard as LercParameters
 * (tag 50674) says. Pixels that the blob marks as without value become what libtiff makes of them: NaN in floating
 * point, 0 in alpha where the mask stands for it, else 0. In a file of the other byte order libtiff has the numbers
 * swapped in the blob as well, as if they were bytes of the file; so they are swapped back with those of other codecs.
 */
export async function lerc(bytes: Uint8Array, tile: TileShape): Promise<Uint8Array> {
  const blob = await unpacked(bytes, tile);
  const header = lercHeader(blob);
  const depth = expectShape(header, tile);
  await load();
  const data = decode(blob.subarray(0, header.bytes), { returnInterleaved: true });
  const [pixels] = data.pixels;
  if (!pixels) throw new Error('LERC without a band');
  if (depth < tile.samples) return withAlpha(bytesOf(pixels), data, depth);
  if (data.mask && (header.samples === 'f32' || header.samples === 'f64')) {
    for (let i = 0; i < pixels.length; i += 1) if (data.mask[Math.floor(i / depth)] === 0) pixels[i] = Number.NaN;
  }
  return bytesOf(pixels);
}

const DEFLATE = 1;
const ZSTD = 2;

/** A blob is seldom longer than the pixels it stands for; one that is far longer is an attack. */
async function unpacked(bytes: Uint8Array, { layout, bytes: pixelBytes }: TileShape): Promise<Uint8Array> {
  const most = 2 * pixelBytes + 4096;
  if (layout.lercPacking === DEFLATE) return inflate(bytes, most);
  if (layout.lercPacking !== ZSTD) return bytes;
  const length = zstdContentBytes(bytes);
  if (!(length <= most)) throw new Error(`a LERC blob of ${length} bytes for ${pixelBytes} bytes of pixels`);
  return zstd(bytes, length);
}

/** @returns values of a pixel in the blob: those of the tile, or one less where its mask is the alpha band */
function expectShape(header: LercHeader, { width, rows, samples, layout }: TileShape): number {
  const { depth } = header;
  if (header.width !== width || header.height !== rows) {
    throw invalid(`LERC of ${header.width} × ${header.height} in a tile of ${width} × ${rows}`);
  }
  if (header.samples !== layout.samples) throw invalid(`LERC of ${header.samples} for samples ${layout.samples}`);
  if (!(header.validPixels >= 0 && header.validPixels <= width * rows)) {
    throw invalid(`LERC with ${header.validPixels} valid of ${width} × ${rows} pixels`);
  }
  if (depth === samples || (depth === samples - 1 && depth > 0 && layout.samples === 'u8')) return depth;
  throw invalid(`LERC of ${depth} values a pixel for ${samples} samples`);
}

/** libtiff stores an alpha band of 0 and 255 as the blob's mask. */
function withAlpha(pixels: Uint8Array, { mask, width, height }: LercData, depth: number): Uint8Array {
  const samples = depth + 1;
  const whole = new Uint8Array(width * height * samples);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    for (let band = 0; band < depth; band += 1) whole[pixel * samples + band] = pixels[pixel * depth + band] ?? 0;
    whole[pixel * samples + depth] = mask?.[pixel] === 0 ? 0 : 255;
  }
  return whole;
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function invalid(message: string): SceneError {
  return new SceneError('cog.invalid', message);
}
