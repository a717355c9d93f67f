import { promisify } from 'node:util';
import { inflate as inflateCallback } from 'node:zlib';

const inflateAsync = promisify(inflateCallback);

/** Deflate (TIFF compression 8 and 32946) in zlib's own threads, never more than `length` bytes of it. */
export function inflate(bytes: Uint8Array, length: number): Promise<Uint8Array> {
  // A byte more than fits: zlib would take an output that is full for one that goes on, and ask for as much again.
  return inflateAsync(bytes, { maxOutputLength: length, chunkSize: Math.max(64, length + 1) });
}
