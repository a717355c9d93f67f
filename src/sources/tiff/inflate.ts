import { constants, createInflate } from 'node:zlib';

/**
 * Deflate (TIFF compression 8 and 32946) in zlib's own threads, never more than `length` bytes of it. Not by zlib's own
 * `inflate`, which goes to a thread once more to hear that there is nothing left.
 * @throws {Error} for what is no Deflate, breaks off, or holds more
 */
export function inflate(bytes: Uint8Array, length: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    // A byte more than fits: what fills its chunk may go on, and is asked for as much again.
    const inflated = createInflate({ chunkSize: Math.max(64, length + 1), flush: constants.Z_FINISH });
    inflated.once('error', reject);
    inflated.once('end', () => resolve(new Uint8Array()));
    inflated.once('data', (chunk: Buffer) => {
      inflated.destroy();
      if (chunk.length > length) reject(new Error(`Deflate holds more than the ${length} bytes of a tile`));
      else resolve(chunk);
    });
    inflated.end(bytes);
  });
}
