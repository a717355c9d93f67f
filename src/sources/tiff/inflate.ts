import { constants, createInflate } from 'node:zlib';

/**
 * Deflate (TIFF compression 8 and 32946) in zlib's own threads, never more than `length` bytes of it. Not by zlib's own
 * `inflate`, which goes to a thread once more to hear that there is nothing left.
 * @param length bytes wanted; what a stream holds beyond them, as a last strip of all its rows does, is not looked at
 * @throws {Error} for what is no Deflate, or breaks off
 */
export function inflate(bytes: Uint8Array, length: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    // A byte more than fits: what fills its chunk may go on, and is asked for as much again.
    const inflated = createInflate({ chunkSize: Math.max(64, length + 1), flush: constants.Z_FINISH });
    inflated.once('error', reject);
    inflated.once('end', () => resolve(new Uint8Array()));
    inflated.once('data', (chunk: Buffer) => {
      inflated.destroy();
      resolve(chunk.subarray(0, length));
    });
    inflated.end(bytes);
  });
}
