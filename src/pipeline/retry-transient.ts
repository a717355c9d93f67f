import { type MonoTypeOperatorFunction, retry, throwError, timer } from 'rxjs';
import { isTransient, SceneError } from '../errors.ts';

export type RetrySettings = {
  /** Tries in all. */
  readonly attempts: number;
  /** Longest pause before the second try; it doubles with each further one. */
  readonly baseSeconds: number;
  /** No pause is longer. */
  readonly maxSeconds: number;
  /** Failures that may pass, but not so soon. */
  readonly unless?: (error: unknown) => boolean;
};

/**
 * Tries again what failed in a way that may pass. Pauses grow and are fully jittered (anything between nothing and the
 * bound), so that lanes that failed together do not come back together. Where a server asked for a longer pause it is
 * given, up to the longest.
 * @param random a generator of numbers in (0, 1)
 * @param retrying told of each failure that is followed by another try
 */
export function retryTransient<T>(
  { attempts, baseSeconds, maxSeconds, unless }: RetrySettings,
  random: Iterator<number, never>,
  retrying: (error: unknown) => void,
): MonoTypeOperatorFunction<T> {
  return retry({
    delay: (error: unknown, failures) => {
      if (!isTransient(error) || failures >= attempts || unless?.(error)) return throwError(() => error);
      retrying(error);
      const longest = Math.min(baseSeconds * 2 ** (failures - 1), maxSeconds);
      const asked = Math.min(askedSeconds(error), maxSeconds);
      return timer(1000 * Math.max(asked, longest * random.next().value));
    },
  });
}

/** The pause that whoever failed asked for. */
export function askedSeconds(error: unknown): number {
  return error instanceof SceneError ? (error.retryAfterSeconds ?? 0) : 0;
}
