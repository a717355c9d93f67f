import { SceneError } from '../../errors.ts';
import type { PixelArray, Window } from '../../scene.ts';
import { type Decoder, decoderFor, decodesParts, type TileShape } from './decoders.ts';
import { halfNumbers } from './half-numbers.ts';
import { type Layout, sampleArrays, storedBytes, tileBytes } from './layout.ts';
import { undoDifferences, undoFloatingPoint, undoWideDifferences } from './predictors.ts';
import { storedRows } from './tile-grid.ts';

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
  const length = decodesParts(compression) ? part.width * part.height * samples : shape.bytes;
  const decoded = await decompress(decoderFor(compression), bytes, shape, tile);
  if (decoded.length !== length) throw invalid(tile, `${decoded.length} bytes where ${length} were expected`);
  return { part, pixels: toSamples(decoded, shape) };
}

async function decompress(decoder: Decoder, bytes: Uint8Array, shape: TileShape, tile: number): Promise<Uint8Array> {
  try {
    return await decoder(bytes, shape);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (error instanceof SceneError) throw new SceneError(error.code, `tile ${tile}: ${why}`, { cause: error });
    throw invalid(tile, `${bytes.length} bytes of compression ${shape.layout.compression} are broken: ${why}`, error);
  }
}

function toSamples(decoded: Uint8Array, { layout, width, samples }: TileShape): PixelArray {
  const ArrayType = sampleArrays[layout.samples];
  const each = storedBytes(layout.samples);
  if (layout.samples === 'u1') return unpackBits(decoded, width * samples);
  // Typed arrays begin at multiples of their element size.
  const bytes = decoded.byteOffset % each === 0 ? decoded : new Uint8Array(decoded);
  const { buffer, byteOffset } = bytes;
  const count = bytes.length / each;
  if (layout.predictor === 3) undoFloatingPoint(bytes, width, samples, each);
  else {
    if (!layout.littleEndian) swapBytes(bytes, each);
    if (layout.predictor === 2) {
      if (each === 1) undoDifferences(bytes, width, samples);
      else if (each === 2) undoDifferences(new Uint16Array(buffer, byteOffset, count), width, samples);
      else if (each === 4) undoDifferences(new Uint32Array(buffer, byteOffset, count), width, samples);
      else undoWideDifferences(new BigUint64Array(buffer, byteOffset, count), width, samples);
    }
  }
  if (layout.samples === 'f16') return halfNumbers(new Uint16Array(buffer, byteOffset, count));
  return new ArrayType(buffer, byteOffset, count);
}

/** @param row bits of a row, which fill whole bytes */
function unpackBits(bytes: Uint8Array, row: number): Uint8Array {
  const rowBytes = Math.ceil(row / 8);
  const bits = new Uint8Array((bytes.length / rowBytes) * row);
  for (let at = 0; at < bits.length; at += 1) {
    const column = at % row;
    const byte = bytes[((at - column) / row) * rowBytes + (column >> 3)] as number;
    bits[at] = (byte >> (7 - (column & 7))) & 1;
  }
  return bits;
}

function swapBytes(bytes: Uint8Array, each: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (each === 2) buffer.swap16();
  if (each === 4) buffer.swap32();
  if (each === 8) buffer.swap64();
}

function invalid(tile: number, why: string, cause?: unknown): SceneError {
  return new SceneError('cog.invalid', `tile ${tile}: ${why}`, { cause });
}
