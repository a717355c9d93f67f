import { UsageError } from '../errors.ts';

type Values<T> = { -readonly [K in keyof T]: Awaited<T[K]> };

/**
 * Waits for all of what is done side by side, and tells the mistakes of all at once.
 * @throws {UsageError} with every mistake; else the first other error
 */
export async function together<T extends readonly Promise<unknown>[]>(...work: T): Promise<Values<T>> {
  const results = await Promise.allSettled(work);
  const reasons: unknown[] = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  if (reasons.length === 0) return (await Promise.all(work)) as Values<T>; // the same values, in the same order
  const mistakes = reasons.flatMap((reason) => (reason instanceof UsageError ? reason.mistakes : []));
  // What several wait for is one mistake.
  throw mistakes.length > 0 ? new UsageError([...new Set(mistakes)]) : reasons[0];
}
