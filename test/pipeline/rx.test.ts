import { firstValueFrom, lastValueFrom, of, Subject, take, throwError, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { cancellable, pull } from '../../src/pipeline/rx.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

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
    const results = await lastValueFrom(pull(counter(100).items, (n) => of(n * 2), 4).pipe(toArray()));
    expect(results.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n * 2));
  });

  it('takes no more items than it has lanes', async () => {
    const { state, items } = counter();
    const work: Subject<number>[] = [];
    const results: number[] = [];
    const running = pull(
      items,
      () => {
        const subject = new Subject<number>();
        work.push(subject);
        return subject;
      },
      3,
    ).subscribe((n) => results.push(n));
    await settled();
    expect(state.taken).toBe(3);
    work[1]?.next(1);
    work[1]?.complete();
    await settled();
    expect(state.taken).toBe(4);
    expect(results).toEqual([1]);
    running.unsubscribe();
    await settled();
    expect(state.returned).toBe(true);
  });

  it('fails with the first failure, and returns the iterator', async () => {
    const { state, items } = counter();
    const failing = pull(items, (n) => (n === 5 ? throwError(() => new Error('five')) : of(n)), 2);
    await expect(lastValueFrom(failing)).rejects.toThrow('five');
    await settled();
    expect(state.returned).toBe(true);
  });

  it('fails when the items do', async () => {
    const items: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('source is gone')) }),
    };
    await expect(lastValueFrom(pull(items, of, 2))).rejects.toThrow('source is gone');
  });

  it('works through very many items that finish at once', async () => {
    const many = pull(counter().items, of, 2).pipe(take(20_000));
    await expect(lastValueFrom(many)).resolves.toBeGreaterThan(19_000);
  });
});

describe('cancellable', () => {
  it('gives the value of the promise', async () => {
    await expect(firstValueFrom(cancellable(async () => 7))).resolves.toBe(7);
  });

  it('fails as the promise does, also where the work throws at once', async () => {
    await expect(firstValueFrom(cancellable(() => Promise.reject(new Error('a'))))).rejects.toThrow('a');
    const throws = () => {
      throw new Error('b');
    };
    await expect(firstValueFrom(cancellable(throws))).rejects.toThrow('b');
  });

  it('aborts its signal when nobody waits any more', async () => {
    let aborted = false;
    const never = cancellable((signal) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return new Promise(() => {});
    });
    never.subscribe().unsubscribe();
    expect(aborted).toBe(true);
  });

  it('aborts its signal when the work has failed, which may have left something under way, but not when it is done', async () => {
    const signals: AbortSignal[] = [];
    const working = (work: () => Promise<number>) =>
      firstValueFrom(
        cancellable((signal) => {
          signals.push(signal);
          return work();
        }),
      );
    await working(async () => 7);
    await expect(working(() => Promise.reject(new Error('late')))).rejects.toThrow('late');
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, true]);
  });
});
