import sharp from 'sharp';
import { SceneError } from '../errors.ts';
import type { TileShape } from './decoders.ts';
import { jpegStream } from './jpeg-stream.ts';

/** Tiles that are images of their own, JPEG and WebP, decoded by sharp (libjpeg-turbo, libwebp) in its own threads. */

// Many small tiles: one thread each is quicker than several for one, and none comes twice.
sharp.concurrency(1);
sharp.cache(false);

/** @throws {SceneError} `cog.invalid` where the JPEG is broken or of another size than the tile */
export async function jpeg(bytes: Uint8Array, tile: TileShape): Promise<Uint8Array> {
  const stream = jpegStream(bytes, tile.layout.jpegTables, tile.layout.photometric);
  if (stream.precision !== 8 || (stream.components !== 1 && stream.components !== 3)) {
    const kind = `${stream.components} components of ${stream.precision} bits`;
    throw new SceneError('cog.unsupported', `JPEG with ${kind}`);
  }
  expectSize('JPEG', stream, tile);
  if (stream.components !== tile.samples) {
    throw new SceneError('cog.invalid', `JPEG of ${stream.components} components for ${tile.samples} samples`);
  }
  return pixels(stream.bytes, tile);
}

/** @throws {SceneError} `cog.invalid` where the WebP is broken or of another size than the tile */
export async function webp(bytes: Uint8Array, tile: TileShape): Promise<Uint8Array> {
  if (tile.samples !== 3 && tile.samples !== 4) {
    throw new SceneError('cog.unsupported', `WebP with ${tile.samples} samples`);
  }
  expectSize('WebP', await sharp(bytes).metadata(), tile);
  return pixels(bytes, tile);
}

async function pixels(bytes: Uint8Array, { width, rows, samples }: TileShape): Promise<Uint8Array> {
  const image = sharp(bytes, { limitInputPixels: width * rows, sequentialRead: true });
  if (samples === 1) image.toColourspace('b-w');
  if (samples === 4) image.ensureAlpha();
  return image.raw().toBuffer();
}

function expectSize(what: string, got: { width: number; height: number }, { width, rows }: TileShape): void {
  if (got.width === width && got.height === rows) return;
  throw new SceneError('cog.invalid', `${what} of ${got.width} × ${got.height} in a tile of ${width} × ${rows}`);
}
