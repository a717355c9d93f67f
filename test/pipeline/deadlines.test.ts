import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadlines } from '../../src/pipeline/deadlines.ts';

describe('Deadlines', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Notes in milliseconds when it was told that it is late. */
  function bench() {
    const [deadlines, start, told] = [new Deadlines(), performance.now(), [] as string[]];
    const work = (name: string, milliseconds: number) => ({
      due: start + milliseconds,
      late: () => void told.push(`${name} ${performance.now() - start}`),
    });
    return { deadlines, told, work };
  }

  it('tells each at its time, in whatever order they were given, and once', async () => {
    const { deadlines, told, work } = bench();
    for (const [name, milliseconds] of [
      ['b', 200],
      ['c', 300],
      ['a', 100],
    ] as const)
      deadlines.watch(work(name, milliseconds));
    await vi.advanceTimersByTimeAsync(1000);
    expect(told).toEqual(['a 100', 'b 200', 'c 300']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tells what was moved at the later time, and what is forgotten not at all', async () => {
    const { deadlines, told, work } = bench();
    const [moved, met] = [work('moved', 100), work('met', 150)];
    deadlines.watch(moved);
    const place = deadlines.watch(met);
    moved.due += 400;
    deadlines.changed(moved);
    deadlines.forget(met, place);
    await vi.advanceTimersByTimeAsync(1000);
    expect(told).toEqual(['moved 500']);
  });

  it('keeps no timer for what is never due, or when nothing is left', () => {
    const { deadlines, work } = bench();
    const some = work('some', 100);
    deadlines.watch(work('never', Number.POSITIVE_INFINITY));
    expect(vi.getTimerCount()).toBe(0);
    deadlines.watch(some);
    some.due = Number.POSITIVE_INFINITY;
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(100);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('forgets what was told already without harm to what has come in its place', async () => {
    const { deadlines, told, work } = bench();
    const first = work('first', 100);
    const place = deadlines.watch(first);
    await vi.advanceTimersByTimeAsync(100);
    deadlines.watch(work('second', 200));
    deadlines.forget(first, place);
    await vi.advanceTimersByTimeAsync(1000);
    expect(told).toEqual(['first 100', 'second 200']);
  });

  it('lets what is late begin anew', async () => {
    const { deadlines, told, work } = bench();
    const again = work('again', 100);
    const late = again.late;
    again.late = () => {
      late();
      again.due += 100;
      if (told.length < 3) deadlines.watch(again);
    };
    deadlines.watch(again);
    await vi.advanceTimersByTimeAsync(1000);
    expect(told).toEqual(['again 100', 'again 200', 'again 300']);
  });
});
