import { type ByteRange, endOf } from './byte-source.ts';

/** The stretches of a file that are in memory, in order; those that touch are one. */
export class HeldBytes {
  private pieces: { offset: number; bytes: Uint8Array }[] = [];

  /** Of all that is held. */
  get length(): number {
    return this.pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /** Adds a stretch; what is held already is kept. */
  add(offset: number, bytes: Uint8Array): void {
    for (const part of this.missing({ offset, length: bytes.length })) {
      this.pieces.push({ offset: part.offset, bytes: bytes.subarray(part.offset - offset, endOf(part) - offset) });
    }
    const sorted = this.pieces.toSorted((a, b) => a.offset - b.offset);
    this.pieces = [];
    for (const piece of sorted) {
      const last = this.pieces.at(-1);
      if (last && last.offset + last.bytes.length === piece.offset) {
        last.bytes = Buffer.concat([last.bytes, piece.bytes]);
      } else this.pieces.push(piece);
    }
  }

  /** The bytes of a range, not copied; undefined unless all of them are held. */
  view(range: ByteRange): Uint8Array | undefined {
    for (const { offset, bytes } of this.pieces) {
      const from = range.offset - offset;
      if (from >= 0 && from + range.length <= bytes.length) return bytes.subarray(from, from + range.length);
    }
    return undefined;
  }

  /** The parts of a range that are held, not copied. */
  parts(range: ByteRange): { readonly offset: number; readonly bytes: Uint8Array }[] {
    return this.pieces.flatMap(({ offset, bytes }) => {
      const from = Math.max(range.offset, offset);
      const to = Math.min(endOf(range), offset + bytes.length);
      return from < to ? [{ offset: from, bytes: bytes.subarray(from - offset, to - offset) }] : [];
    });
  }

  /** The parts of a range that are not held. */
  missing(range: ByteRange): ByteRange[] {
    const parts: ByteRange[] = [];
    let from = range.offset;
    for (const { offset, bytes } of this.pieces) {
      if (offset + bytes.length <= from || offset >= endOf(range)) continue;
      if (offset > from) parts.push({ offset: from, length: offset - from });
      from = offset + bytes.length;
    }
    if (from < endOf(range)) parts.push({ offset: from, length: endOf(range) - from });
    return parts;
  }
}
