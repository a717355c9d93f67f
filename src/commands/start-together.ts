import { setTimeout as sleep } from 'node:timers/promises';
import { unlessAborted } from '../unless-aborted.ts';
import { together } from './together.ts';

type Closable = { close(): Promise<void> };

/** For parts that are just starting when the program is told to stop; then they end with it. */
const GRACE_MILLISECONDS = 500;

/**
 * Waits for parts that start side by side. If one cannot, those that could are closed again, and the mistakes of all
 * are told at once.
 * @throws {UsageError} with every mistake; else the first other error; the signal's reason once it is aborted
 */
export async function startTogether<T extends readonly Promise<Closable>[]>(signal: AbortSignal, ...parts: T) {
  try {
    return await unlessAborted(signal, together(...parts));
  } catch (error) {
    const closed = Promise.allSettled(parts.map(async (part) => (await part).close()));
    await (signal.aborted ? Promise.race([closed, sleep(GRACE_MILLISECONDS)]) : closed);
    throw error;
  }
}
