import { SceneError } from '../../errors.ts';
import type { PixelArray, Window } from '../../scene.ts';
import { decoderFor, decodesParts } from './decoders.ts';
import { type Layout, tileBytes } from './layout.ts';
import { storedRows } from './tile-grid.ts';
import type { TileShape } from './tile-shape.ts';
import { unpackAside } from './unpack-threads.ts';

/** Pixels of a tile, or of a part of it: rows of `part.width` pixels. */
export type TilePixels = { readonly part: Window; readonly pixels: PixelArray };

/**
 * From a tile's bytes to its pixels: decompressed, in the machine's byte order, predictor undone.
 * @param wanted of the tile, in its own pixels; more than that may come back
 * @returns the bands of a pixel side by side, or one band where each has its own tiles
 * @throws {SceneError} `cog.unsupported`, `cog.invalid` where the bytes are not what the header promises
 */
export async function decodeTile(layout: Layout, tile: number, bytes: Uint8Array, wanted: Window): Promise<TilePixels> {
  const { grid, compression } = layout;
  const rows = storedRows(grid, tile);
  const whole = { x: 0, y: 0, width: grid.tileWidth, height: rows };
  const part = decodesParts(compression) ? wanted : whole;
  const samples = grid.bands / grid.planes;
  const shape = { layout, width: grid.tileWidth, rows, samples, bytes: tileBytes(layout, rows), part };
  try {
    return { part, pixels: await pixelsOf(bytes, shape) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (error instanceof SceneError) throw new SceneError(error.code, `tile ${tile}: ${why}`, { cause: error });
    const what = `tile ${tile}: ${bytes.length} bytes of compression ${compression} are broken`;
    throw new SceneError('cog.invalid', `${what}: ${why}`, { cause: error });
  }
}

async function pixelsOf(bytes: Uint8Array, shape: TileShape): Promise<PixelArray> {
  const { layout, part, samples } = shape;
  const decoder = decoderFor(layout.compression);
  if (!decodesParts(layout.compression)) return unpackAside(bytes, shape);
  const pixels = await decoder(bytes, shape);
  const length = part.width * part.height * samples;
  if (pixels.length !== length) throw new Error(`${pixels.length} bytes where ${length} were expected`);
  return new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.length);
}
