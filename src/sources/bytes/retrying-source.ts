import { setTimeout as sleep } from 'node:timers/promises';
import { SceneError } from '../../errors.ts';
import type { ByteSource } from './byte-source.ts';
import { readThrough } from './read-through.ts';

export type RangeRetries = {
  /** Tries in all of one range. */
  readonly tries: number;
  /** Longest pause before the second try; it doubles with each further one, and is fully jittered. */
  readonly baseSeconds: number;
  /** A server that asks for a longer pause than this is left to the next try of the scene. */
  readonly maxSeconds: number;
};

export const rangeRetries: RangeRetries = { tries: 3, baseSeconds: 0.2, maxSeconds: 10 };

/**
 * A source that asks again for a range which did not come: one blip among twenty requests does not cost the scene. Only
 * what nobody answered is asked for again; what was answered wrongly, or by another file, is not.
 * @param options.retrying told of each failure that is followed by another try
 * @param options.random in [0, 1)
 */
export function retryingSource(
  source: ByteSource,
  { tries, baseSeconds, maxSeconds }: RangeRetries,
  options: { readonly retrying?: () => void; readonly random?: () => number } = {},
): ByteSource {
  const { retrying, random = Math.random } = options;
  return readThrough(source, async (range, signal) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await source.read(range, signal);
      } catch (error) {
        const pause = baseSeconds * 2 ** (attempt - 1) * random();
        const asked = error instanceof SceneError ? (error.retryAfterSeconds ?? 0) : 0;
        const passing = error instanceof SceneError && error.code === 'source.unreachable';
        if (!passing || attempt >= tries || asked > maxSeconds || signal.aborted) throw error;
        retrying?.();
        await rest(Math.max(pause, asked), signal);
      }
    }
  });
}

async function rest(seconds: number, signal: AbortSignal): Promise<void> {
  await sleep(1000 * seconds, undefined, { signal }).catch(() => undefined);
  signal.throwIfAborted();
}
