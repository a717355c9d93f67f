import { move } from 'piscina';
import type { PixelArray } from '../../scene.ts';
import type { TileShape } from './tile-shape.ts';
import { unpackTile } from './unpack-tile.ts';

/** What a thread is sent: bytes of their own, since what is sent takes all of its memory along. */
export type UnpackTask = { readonly bytes: Uint8Array; readonly tile: TileShape };

/** `unpackTile` in a thread of its own; the pixels are moved to the caller, not copied. */
export async function unpack({ bytes, tile }: UnpackTask): Promise<PixelArray> {
  const pixels = await unpackTile(bytes, tile);
  // A view is moved by its memory; to piscina's types any view is bytes.
  return move(pixels) as unknown as PixelArray;
}
