import { isTransient, SceneError } from '../errors.ts';

export type RetrySettings = {
  /** Tries in all. */
  readonly attempts: number;
  /** Longest pause before the second try; it doubles with each further one. */
  readonly baseSeconds: number;
  /** No pause is longer. */
  readonly maxSeconds: number;
};

/**
 * Decides whether a failed try is followed by another, and after how long. Only what may pass is tried again. Pauses grow
 * and are fully jittered (anything between nothing and the bound), so that lanes that failed together do not come back
 * together. Where a server asked for a longer pause it is given, up to the longest.
 * @param failures so far, this one included
 * @param random a generator of numbers in (0, 1)
 * @returns in seconds; undefined where there is to be no other try
 */
export function pauseBeforeRetry(
  error: unknown,
  failures: number,
  { attempts, baseSeconds, maxSeconds, random }: RetrySettings & { readonly random: Iterator<number, never> },
): number | undefined {
  if (!isTransient(error) || failures >= attempts) return undefined;
  const longest = Math.min(baseSeconds * 2 ** (failures - 1), maxSeconds);
  return Math.max(Math.min(askedSeconds(error), maxSeconds), longest * random.next().value);
}

/** The pause that whoever failed asked for. */
export function askedSeconds(error: unknown): number {
  return error instanceof SceneError ? (error.retryAfterSeconds ?? 0) : 0;
}
