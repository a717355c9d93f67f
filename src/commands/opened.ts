import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { UsageError } from '../errors.ts';

/**
 * Waits for the stream of a file to be open.
 * @throws {UsageError} when it cannot be opened
 */
export async function opened<T extends Readable | Writable>(stream: T): Promise<T> {
  try {
    await once(stream, 'open');
    return stream;
  } catch (error) {
    throw new UsageError([`cannot open ${error instanceof Error ? error.message : String(error)}`]);
  }
}
