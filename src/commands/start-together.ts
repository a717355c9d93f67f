import { UsageError } from '../errors.ts';

type Started<T> = { -readonly [K in keyof T]: Awaited<T[K]> };
type Closable = { close(): Promise<void> };

/**
 * Waits for parts that start side by side. If one cannot, those that could are closed again, and the mistakes of all
 * are told at once.
 * @throws {UsageError} with every mistake; else the first other error
 */
export async function startTogether<T extends readonly Promise<Closable>[]>(...parts: T): Promise<Started<T>> {
  const results = await Promise.allSettled(parts);
  const reasons: unknown[] = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  if (reasons.length === 0) return (await Promise.all(parts)) as Started<T>; // the same parts, in the same order
  await Promise.allSettled(results.map((result) => result.status === 'fulfilled' && result.value.close()));
  const mistakes = reasons.flatMap((reason) => (reason instanceof UsageError ? reason.mistakes : []));
  throw mistakes.length > 0 ? new UsageError(mistakes) : reasons[0];
}
