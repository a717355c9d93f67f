import { promisify } from 'node:util';
import { inflate as inflateCallback } from 'node:zlib';

const inflateAsync = promisify(inflateCallback);

/** Deflate (TIFF compression 8 and 32946) in zlib's own threads, never more than `length` bytes of it. */
export function inflate(bytes: Uint8Array, length: number): Promise<Uint8Array> {
  return inflateAsync(bytes, { maxOutputLength: length, chunkSize: Math.max(64, length) });
}
