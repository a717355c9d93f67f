import { SceneError } from '../../errors.ts';
import type { Window } from '../../scene.ts';
import { imageDecoders } from './decoders.ts';
import { type Layout, tileBytes } from './layout.ts';
import { storedRows } from './tile-grid.ts';
import type { TilePixels, TileShape } from './tile-shape.ts';
import { unpackAside } from './unpack-threads.ts';
import { expectReadable } from './unread-kinds.ts';

/**
 * From a tile's bytes to its pixels: decompressed, in the machine's byte order, predictor undone.
 * @param wanted of the tile, in its own pixels; more than that may come back
 * @returns the bands of a pixel side by side, or one band where each has its own tiles; perhaps in memory that is to be given back
 * @throws {SceneError} `cog.unsupported`, `cog.invalid` where the bytes are not what the header promises
 */
export async function decodeTile(layout: Layout, tile: number, bytes: Uint8Array, wanted: Window): Promise<TilePixels> {
  const { grid, compression } = layout;
  const rows = storedRows(grid, tile);
  const samples = grid.bands / grid.planes;
  const shape = { layout, width: grid.tileWidth, rows, samples, bytes: tileBytes(layout, rows), part: wanted };
  try {
    return await pixelsOf(bytes, shape);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (error instanceof SceneError) throw new SceneError(error.code, `tile ${tile}: ${why}`, { cause: error });
    const what = `tile ${tile}: ${bytes.length} bytes of compression ${compression} are broken`;
    throw new SceneError('cog.invalid', `${what}: ${why}`, { cause: error });
  }
}

async function pixelsOf(bytes: Uint8Array, shape: TileShape): Promise<TilePixels> {
  const decoder = imageDecoders.get(shape.layout.compression);
  if (decoder) return decoder(bytes, shape);
  expectReadable(bytes, shape.layout.compression);
  const whole = { x: 0, y: 0, width: shape.width, height: shape.rows };
  return { part: whole, pixels: await unpackAside(bytes, { ...shape, part: whole }) };
}
