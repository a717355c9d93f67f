import { inflate } from './inflate.ts';
import { lerc } from './lerc.ts';
import { lzw } from './lzw.ts';
import { packBits } from './pack-bits.ts';
import type { Decoder, TileShape } from './tile-shape.ts';
import { zstd, zstdContentBytes } from './zstd.ts';

/** Codecs that give the bytes of a tile, by Compression (TIFF tag 259): all but those for images. */
export const byteDecoders: ReadonlyMap<number, Decoder> = new Map<number, Decoder>([
  [1, stored],
  [5, async (bytes, tile) => lzw(bytes, tile.bytes)],
  [8, (bytes, tile) => inflate(bytes, tile.bytes)],
  [32773, async (bytes, tile) => packBits(bytes, tile.bytes)],
  [32946, (bytes, tile) => inflate(bytes, tile.bytes)],
  [34887, lerc],
  [50000, zstdOf],
]);

/** Where nothing is to be changed in them, the bytes themselves: what is copied twice takes twice the time. */
async function stored(bytes: Uint8Array, { layout, bytes: length }: TileShape): Promise<Uint8Array> {
  const pixels = bytes.subarray(0, length);
  return layout.littleEndian ? pixels : new Uint8Array(pixels);
}

/** A last strip may hold all its rows, in place of those that are left. */
async function zstdOf(bytes: Uint8Array, { layout, rows, bytes: length }: TileShape): Promise<Uint8Array> {
  const whole = (length / rows) * layout.grid.tileHeight;
  const decoded = await zstd(bytes, zstdContentBytes(bytes) === whole ? whole : length);
  return decoded.subarray(0, length);
}
