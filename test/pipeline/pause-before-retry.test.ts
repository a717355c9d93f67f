import { describe, expect, it } from 'vitest';
import { SceneError } from '../../src/errors.ts';
import { pauseBeforeRetry } from '../../src/pipeline/pause-before-retry.ts';

const passing = new SceneError('source.unreachable', 'refused');
const settings = { attempts: 5, baseSeconds: 1, maxSeconds: 3 };

function* always(...values: number[]): Generator<number, never> {
  for (;;) yield* values;
}

const pauses = (error: unknown, random = always(1)) =>
  [1, 2, 3, 4, 5].map((failures) => pauseBeforeRetry(error, failures, { ...settings, random }));

describe('pauseBeforeRetry', () => {
  it('doubles with each failure, up to a bound, and ends with the last try', () => {
    expect(pauses(passing)).toEqual([1, 2, 3, 3, undefined]);
  });

  it('is jittered by a number of the generator it was passed', () => {
    expect(pauses(passing, always(0.5, 0.25))).toEqual([0.5, 0.5, 1.5, 0.75, undefined]);
  });

  it('is what a server asked for, up to the longest', () => {
    const busy = new SceneError('source.unreachable', '429', { retryAfterSeconds: 2 });
    expect(pauses(busy, always(0.1))).toEqual([2, 2, 2, 2, undefined]);
    const shut = new SceneError('source.unreachable', '503', { retryAfterSeconds: 600 });
    expect(pauses(shut)).toEqual([3, 3, 3, 3, undefined]);
  });

  it('is none for what will not pass, nor for a bug', () => {
    for (const error of [new SceneError('source.missing', '404'), new TypeError('bug')])
      expect(pauses(error)).toEqual(Array.from({ length: 5 }));
  });
});
