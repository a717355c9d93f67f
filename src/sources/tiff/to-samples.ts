import type { PixelArray } from '../../scene.ts';
import { halfNumbers } from './half-numbers.ts';
import { sampleArrays, storedBytes } from './layout.ts';
import { undoDifferences, undoFloatingPoint, undoWideDifferences } from './predictors.ts';
import type { TileShape } from './tile-shape.ts';

/**
 * A tile's decompressed bytes as numbers in the machine's byte order, with the predictor undone: in place, where the
 * bytes are as long as the numbers.
 */
export function toSamples(decoded: Uint8Array, { layout, width, samples }: TileShape): PixelArray {
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
