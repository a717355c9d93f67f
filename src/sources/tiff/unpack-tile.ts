import type { PixelArray } from '../../scene.ts';
import { byteDecoders } from './byte-decoders.ts';
import type { TileShape } from './tile-shape.ts';
import { toSamples } from './to-samples.ts';

/**
 * From a tile's bytes to its pixels, by a codec that gives bytes. Most of it is computed in the thread that calls.
 * @throws {Error} where the bytes are not what the header promises
 */
export async function unpackTile(bytes: Uint8Array, tile: TileShape): Promise<PixelArray> {
  const decoder = byteDecoders.get(tile.layout.compression);
  if (!decoder) throw new Error(`compression ${tile.layout.compression} does not give bytes`);
  const decoded = await decoder(bytes, tile);
  if (decoded.length !== tile.bytes) throw new Error(`${decoded.length} bytes where ${tile.bytes} were expected`);
  return toSamples(decoded, tile);
}
