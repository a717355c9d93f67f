/**
 * LZW as TIFF 6.0 section 13 has it: codes of 9 to 12 bits, high bits first, 256 clears the table, 257 ends the data.
 * A table entry is the string of the code before plus one byte, and these lie side by side in what was put out
 * already: an entry is a place and a length in the output, and no string is ever built.
 */
const CLEAR = 256;
const END = 257;
const MAX_CODES = 4096;

/**
 * @param length bytes wanted; what a stream holds beyond them is not looked at
 * @throws {Error} for a code that cannot be, or a stream that ends before its time
 */
export function lzw(bytes: Uint8Array, length: number): Uint8Array {
  const output = new Uint8Array(length);
  const starts = new Uint32Array(MAX_CODES);
  const lengths = new Uint32Array(MAX_CODES);
  let codes = 258;
  let width = 9;
  let bit = 0;
  let at = 0;
  let previous = -1; // where the string of the code before begins
  while (at < length) {
    const code = readCode(bytes, bit, width);
    bit += width;
    if (code === CLEAR) {
      codes = 258;
      width = 9;
      previous = -1;
      continue;
    }
    if (code === END) throw new Error(`LZW ends after ${at} of ${length} bytes`);
    const start = at;
    if (previous >= 0 && codes < MAX_CODES) {
      starts[codes] = previous;
      lengths[codes] = start - previous + 1;
      codes += 1;
    }
    if (code < CLEAR) output[at++] = code;
    else {
      if (code >= codes) throw new Error(`LZW code ${code} at ${at}, but there are ${codes}`);
      const from = starts[code] ?? 0;
      const end = Math.min(length, at + (lengths[code] ?? 0));
      // Byte by byte: a string may run into its own copy.
      for (let i = from; at < end; i += 1) output[at++] = output[i] ?? 0;
    }
    previous = start;
    // Codes grow one code early (TIFF 6.0 page 60): the decoder's table is one entry behind the encoder's.
    if (codes + 1 >= 1 << width && width < 12) width += 1;
  }
  return output;
}

/** Bits beyond the end are an end of data. */
function readCode(bytes: Uint8Array, bit: number, width: number): number {
  const at = bit >>> 3;
  if (bit + width > bytes.length * 8) return END;
  const word = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
  return (word >>> (24 - (bit & 7) - width)) & ((1 << width) - 1);
}
