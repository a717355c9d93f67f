import { SceneError } from '../../errors.ts';
import { jpegStream } from './jpeg-stream.ts';
import type { TilePixels, TileShape } from './tile-shape.ts';
import { loadTurboJpeg } from './turbo-jpeg.ts';
import { jpegBySharp } from './web-images.ts';

/** From the pieces of a JPEG file of the tile's size and bands to its samples: of the part that is wanted, or more. */
export type JpegDecoder = (pieces: readonly Uint8Array[], tile: TileShape) => Promise<TilePixels<Uint8Array>>;

/** From the first tile on, where the machine has it: sharp's pixels at a third of its price. */
let turbo: JpegDecoder | null | undefined;

/** @throws {SceneError} `cog.invalid` where the JPEG is broken or of another size than the tile */
export async function jpeg(bytes: Uint8Array, tile: TileShape): Promise<TilePixels<Uint8Array>> {
  const { layout, width, rows, samples } = tile;
  const stream = jpegStream(bytes, layout.jpegTables, layout.photometric);
  if (stream.precision !== 8) throw new SceneError('cog.unsupported', `JPEG of ${stream.precision} bits`);
  if (stream.width !== width || stream.height !== rows) {
    throw new SceneError('cog.invalid', `JPEG of ${stream.width} × ${stream.height} in a tile of ${width} × ${rows}`);
  }
  if (stream.components !== samples) {
    throw new SceneError('cog.invalid', `JPEG of ${stream.components} components for ${samples} samples`);
  }
  if (turbo === undefined) turbo = loadTurboJpeg() ?? null;
  const decoded = await turbo?.(stream.pieces, tile).catch(() => undefined);
  // What it stumbles over, sharp can tell: its words are lost between the threads.
  return decoded ?? jpegBySharp(stream.pieces, tile);
}
