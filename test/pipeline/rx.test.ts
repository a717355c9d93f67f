import { lastValueFrom, take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { pull } from '../../src/pipeline/rx.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));
const done = <T>(value: T) => ({ result: Promise.resolve(value), stop() {} });

/** Counts, and tells how many were taken and whether it was returned. */
function counter(end = Number.POSITIVE_INFINITY) {
  const state = { taken: 0, returned: false };
  async function* count() {
    try {
      for (let n = 0; n < end; n += 1) {
        state.taken += 1;
        yield n;
      }
    } finally {
      state.returned = true;
    }
  }
  return { state, items: count() };
}

describe('pull', () => {
  it('gives the result of every item and completes', async () => {
    const results = await lastValueFrom(pull(counter(100).items, (n) => done(n * 2), 4).pipe(toArray()));
    expect(results.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n * 2));
  });

  it('takes no more items than it has lanes, and stops what is under way when nobody waits any more', async () => {
    const { state, items } = counter();
    const ends: ((value: number) => void)[] = [];
    const results: number[] = [];
    const stopped: number[] = [];
    const begin = (n: number) => ({
      result: new Promise<number>((resolve) => ends.push(resolve)),
      stop: () => void stopped.push(n),
    });
    const running = pull(items, begin, 3).subscribe((n) => results.push(n));
    await settled();
    expect(state.taken).toBe(3);
    ends[1]?.(1);
    await settled();
    expect(state.taken).toBe(4);
    expect(results).toEqual([1]);
    running.unsubscribe();
    await settled();
    expect(stopped.toSorted()).toEqual([0, 2, 3]);
    expect(state.returned).toBe(true);
    ends[0]?.(0);
    await settled();
    expect([results, state.taken]).toEqual([[1], 4]);
  });

  it('fails with the first failure, and returns the iterator', async () => {
    const { state, items } = counter();
    const five = () => ({ result: Promise.reject(new Error('five')), stop() {} });
    await expect(lastValueFrom(pull(items, (n) => (n === 5 ? five() : done(n)), 2))).rejects.toThrow('five');
    await settled();
    expect(state.returned).toBe(true);
  });

  it('fails when the items do, and when work cannot be begun', async () => {
    const items: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('source is gone')) }),
    };
    await expect(lastValueFrom(pull(items, done, 2))).rejects.toThrow('source is gone');
    const begin = (): never => {
      throw new Error('a bug');
    };
    await expect(lastValueFrom(pull(counter().items, begin, 2))).rejects.toThrow('a bug');
  });

  it('works through very many items that finish at once', async () => {
    const many = pull(counter().items, done, 2).pipe(take(20_000));
    await expect(lastValueFrom(many)).resolves.toBeGreaterThan(19_000);
  });
});
