import { SceneError } from '../../errors.ts';
import { type JpegStream, jpegStream } from './jpeg-stream.ts';
import { MAX_TILE_BYTES } from './layout.ts';
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
  if (stream.width !== width || (stream.height !== rows && !isPadded(stream, tile))) {
    throw new SceneError('cog.invalid', `JPEG of ${stream.width} × ${stream.height} in a tile of ${width} × ${rows}`);
  }
  if (stream.components !== samples) {
    throw new SceneError('cog.invalid', `JPEG of ${stream.components} components for ${samples} samples`);
  }
  if (turbo === undefined) turbo = loadTurboJpeg() ?? null;
  const stored = { ...tile, rows: stream.height, bytes: width * stream.height * samples };
  const decoded = await turbo?.(stream.pieces, stored).catch(() => undefined);
  // What it stumbles over, sharp can tell: its words are lost between the threads.
  return decoded ?? jpegBySharp(stream.pieces, stored);
}

/** Some writers store the last strip with the rows of the others; it is decoded with them, as libtiff does. */
function isPadded({ height }: JpegStream, { layout, width, rows, samples }: TileShape): boolean {
  const { striped, down, tileHeight } = layout.grid;
  const isLast = rows < tileHeight || down === 1;
  return striped && isLast && height > rows && width * height * samples <= MAX_TILE_BYTES;
}
