import sharp, { type Sharp, type SharpOptions } from 'sharp';
import { SceneError } from '../../errors.ts';
import { jpegStream } from './jpeg-stream.ts';
import type { TileShape } from './tile-shape.ts';
import { webpSize } from './webp-size.ts';

/** Tiles that are images of their own, JPEG and WebP, decoded by sharp (libjpeg-turbo, libwebp) in its own threads. */

// Many small tiles: one thread each is quicker than several for one, and none comes twice.
sharp.concurrency(1);
sharp.cache(false);

/** @throws {SceneError} `cog.invalid` where the JPEG is broken or of another size than the tile */
export async function jpeg(bytes: Uint8Array, tile: TileShape): Promise<Uint8Array> {
  const stream = jpegStream(bytes, tile.layout.jpegTables, tile.layout.photometric);
  if (stream.precision !== 8) throw new SceneError('cog.unsupported', `JPEG of ${stream.precision} bits`);
  expectSize('JPEG', stream, tile);
  if (stream.components !== tile.samples) {
    throw new SceneError('cog.invalid', `JPEG of ${stream.components} components for ${tile.samples} samples`);
  }
  const image = partOf(sharp(stream.bytes, limits(tile)), tile);
  if (tile.samples === 1) return image.toColourspace('b-w').raw().toBuffer();
  if (tile.samples === 3) return image.raw().toBuffer();
  // Four bands of any kind look like CMYK to libvips, which then takes them to be inverted, as Adobe stores them.
  const inverted = await image.pipelineColourspace('cmyk').toColourspace('cmyk').raw().toBuffer();
  return inverted.map((value) => 255 - value);
}

/** @throws {SceneError} `cog.invalid` where the WebP is broken or of another size than the tile */
export async function webp(bytes: Uint8Array, tile: TileShape): Promise<Uint8Array> {
  const size = webpSize(bytes);
  if (size === undefined) throw new SceneError('cog.invalid', 'not a WebP image');
  expectSize('WebP', size, tile);
  const image = partOf(sharp(bytes, limits(tile)), tile);
  // An opaque tile is stored without its alpha.
  return (tile.samples === 4 ? image.ensureAlpha() : image).raw().toBuffer();
}

/** Samples of the part that is wanted, and no others: they are what has to wait for V8 to find that nobody needs it. */
function partOf(image: Sharp, { width, rows, part }: TileShape): Sharp {
  if (part.width === width && part.height === rows) return image;
  return image.extract({ left: part.x, top: part.y, width: part.width, height: part.height });
}

function limits({ width, rows }: TileShape): SharpOptions {
  return { limitInputPixels: width * rows, sequentialRead: true };
}

function expectSize(what: string, got: { width: number; height: number }, { width, rows }: TileShape): void {
  if (got.width === width && got.height === rows) return;
  throw new SceneError('cog.invalid', `${what} of ${got.width} × ${got.height} in a tile of ${width} × ${rows}`);
}
