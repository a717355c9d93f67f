import type { Pace } from './host-paces.ts';

/** A stretch of a file: `length` bytes from `offset`. */
export type ByteRange = { readonly offset: number; readonly length: number };

/** What tells one state of a file from another. */
export type Identity = { readonly etag: string | null; readonly lastModified: string | null; readonly size: number };

/**
 * Where the bytes of one file come from: the port under the reader, which knows neither HTTP nor file systems.
 * A source never hands out bytes of two states of a file.
 */
export type ByteSource = {
  /** Without credentials or signatures: fit for logs, events and error messages. */
  readonly href: string;
  /** Known once the first read is back. */
  readonly identity: Identity | undefined;
  /** What a request costs where the bytes come from, as far as that was learned. */
  readonly pace?: Pace | undefined;
  /** From now on nothing is read but of this state of the file; only sources have it that can tell. */
  expect?(identity: Identity): void;
  /**
   * The bytes of a range; fewer only where the file ends. Never waits for ever.
   * @param arrived told of bytes as they come, by sources whose reads can break off
   * @throws {SceneError} `source.*`; an abort's own reason once `signal` is aborted
   */
  read(range: ByteRange, signal: AbortSignal, arrived?: (bytes: number) => void): Promise<Uint8Array>;
};

export function endOf(range: ByteRange): number {
  return range.offset + range.length;
}
