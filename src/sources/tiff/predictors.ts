/**
 * Predictors (TIFF tag 317): before compression, a row was replaced by its differences. Both work in place on whole
 * rows of `width * samples` values.
 */
type UnsignedArray = Uint8Array | Uint16Array | Uint32Array;

/** Predictor 2: each sample is the difference to the same band of the pixel before (TIFF 6.0 section 14). */
export function undoDifferences(values: UnsignedArray, width: number, samples: number): void {
  const row = width * samples;
  for (let start = 0; start < values.length; start += row) {
    const end = Math.min(start + row, values.length);
    for (let i = start + samples; i < end; i += 1) values[i] = (values[i] ?? 0) + (values[i - samples] ?? 0);
  }
}

/** The same for samples of 64 bits. */
export function undoWideDifferences(values: BigUint64Array, width: number, samples: number): void {
  const row = width * samples;
  for (let start = 0; start < values.length; start += row) {
    const end = Math.min(start + row, values.length);
    for (let i = start + samples; i < end; i += 1) values[i] = (values[i] ?? 0n) + (values[i - samples] ?? 0n);
  }
}

/**
 * Predictor 3, for floating point (Adobe TIFF Technical Note 3): the bytes of a row were sorted by significance, all
 * highest bytes first, and then replaced by differences. Leaves little-endian numbers.
 */
export function undoFloatingPoint(bytes: Uint8Array, width: number, samples: number, sampleBytes: number): void {
  const values = width * samples;
  const row = values * sampleBytes;
  for (let start = 0; start + row <= bytes.length; start += row) {
    const line = bytes.subarray(start, start + row);
    undoDifferences(line, width * sampleBytes, samples);
    const planes = new Uint8Array(line); // not slice, which a Buffer shares
    for (let value = 0; value < values; value += 1) {
      for (let byte = 0; byte < sampleBytes; byte += 1) {
        line[value * sampleBytes + byte] = planes[(sampleBytes - 1 - byte) * values + value] ?? 0;
      }
    }
  }
}
