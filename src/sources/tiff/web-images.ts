import sharp, { type Sharp, type SharpOptions } from 'sharp';
import { SceneError } from '../../errors.ts';
import type { TilePixels, TileShape } from './tile-shape.ts';
import { webpSize } from './webp-size.ts';

/** Tiles that are images of their own, JPEG and WebP, decoded by sharp (libjpeg-turbo, libwebp) in its own threads. */

// Many small tiles: one thread each is quicker than several for one, and none comes twice.
sharp.concurrency(1);
sharp.cache(false);

/** @param pieces of a JPEG file of the tile's size and bands */
export async function jpegBySharp(pieces: readonly Uint8Array[], tile: TileShape): Promise<TilePixels<Uint8Array>> {
  const image = partOf(sharp(Buffer.concat(pieces), limits(tile)), tile);
  if (tile.samples === 1) return samplesOf(image.toColourspace('b-w'), tile);
  if (tile.samples === 3) return samplesOf(image, tile);
  // Four bands of any kind look like CMYK to libvips, which then takes them to be inverted, as Adobe stores them.
  const inverted = await samplesOf(image.pipelineColourspace('cmyk').toColourspace('cmyk'), tile);
  return { ...inverted, pixels: inverted.pixels.map((value) => 255 - value) };
}

/** @throws {SceneError} `cog.invalid` where the WebP is broken or of another size than the tile */
export async function webp(bytes: Uint8Array, tile: TileShape): Promise<TilePixels<Uint8Array>> {
  const size = webpSize(bytes);
  if (size === undefined) throw new SceneError('cog.invalid', 'not a WebP image');
  if (size.width !== tile.width || size.height !== tile.rows) {
    throw new SceneError(
      'cog.invalid',
      `WebP of ${size.width} × ${size.height} in a tile of ${tile.width} × ${tile.rows}`,
    );
  }
  const image = partOf(sharp(bytes, limits(tile)), tile);
  // An opaque tile is stored without its alpha.
  return samplesOf(tile.samples === 4 ? image.ensureAlpha() : image, tile);
}

/** Samples of the part that is wanted, and no others: they are what has to wait for V8 to find that nobody needs it. */
function partOf(image: Sharp, { width, rows, part }: TileShape): Sharp {
  if (part.width === width && part.height === rows) return image;
  return image.extract({ left: part.x, top: part.y, width: part.width, height: part.height });
}

async function samplesOf(image: Sharp, { part, samples }: TileShape): Promise<TilePixels<Uint8Array>> {
  const { buffer, byteOffset, length } = await image.raw().toBuffer();
  const expected = part.width * part.height * samples;
  if (length !== expected) throw new Error(`${length} bytes where ${expected} were expected`);
  return { part, pixels: new Uint8Array(buffer, byteOffset, length) };
}

/** What is stored is wanted, whatever colours a profile says that it means. */
function limits({ width, rows }: TileShape): SharpOptions {
  return { limitInputPixels: width * rows, sequentialRead: true, ignoreIcc: true };
}
