import type { ByteRange, ByteSource, Identity } from '../../src/sources/bytes/byte-source.ts';

/** A file in memory that remembers what was asked of it. */
export class RecordingSource implements ByteSource {
  readonly href = 'memory:/scene.tif';
  readonly ranges: ByteRange[] = [];
  readonly #file: Uint8Array;
  #identity: Identity | undefined;

  constructor(file: Uint8Array) {
    this.#file = file;
  }

  get identity(): Identity | undefined {
    return this.#identity;
  }

  async read({ offset, length }: ByteRange, signal: AbortSignal): Promise<Uint8Array> {
    signal.throwIfAborted();
    this.ranges.push({ offset, length });
    await Promise.resolve(); // an answer is never there at once
    this.#identity = { etag: '"1"', lastModified: null, size: this.#file.length };
    return this.#file.subarray(offset, offset + length);
  }
}
