import { together } from './together.ts';

type Closable = { close(): Promise<void> };

/**
 * Waits for parts that start side by side. If one cannot, those that could are closed again, and the mistakes of all
 * are told at once.
 * @throws {UsageError} with every mistake; else the first other error
 */
export async function startTogether<T extends readonly Promise<Closable>[]>(...parts: T) {
  try {
    return await together(...parts);
  } catch (error) {
    await Promise.allSettled(parts.map(async (part) => (await part).close()));
    throw error;
  }
}
