/**
 * PackBits (TIFF 6.0 section 9): a byte n of 0 to 127 stands before n + 1 bytes, one of 129 to 255 before a byte that
 * is meant 257 − n times, 128 before nothing.
 * @param length bytes wanted; what a stream holds beyond them is not looked at
 * @throws {Error} for a stream that ends before its time
 */
export function packBits(bytes: Uint8Array, length: number): Uint8Array {
  const output = new Uint8Array(length);
  let at = 0;
  for (let next = 0; at < length; ) {
    const head = bytes[next];
    if (head === undefined) throw new Error(`PackBits ends after ${at} of ${length} bytes`);
    next += 1;
    if (head < NOTHING) {
      const run = bytes.subarray(next, next + Math.min(head + 1, length - at));
      output.set(run, at);
      at += run.length;
      next += head + 1;
    } else if (head > NOTHING) {
      const end = Math.min(length, at + 257 - head);
      const value = bytes[next];
      if (value === undefined) continue; // the end
      output.fill(value, at, end);
      at = end;
      next += 1;
    }
  }
  return output;
}

const NOTHING = 128;
