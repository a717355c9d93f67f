import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadlines } from '../../src/pipeline/deadlines.ts';
import { Recall } from '../../src/pipeline/recall.ts';
import { SpareControllers } from '../../src/pipeline/spare-controllers.ts';
import { type Tries, tryWithin } from '../../src/pipeline/try-within.ts';

/** Notes when tries begin, in milliseconds, and the signals that they are given. */
class Bench {
  readonly recall = new Recall();
  readonly controllers = new SpareControllers();
  readonly begun: number[] = [];
  readonly signals: AbortSignal[] = [];
  readonly #start = Date.now();

  run(work: () => Promise<string>, pause: Tries<string>['pause'] = () => undefined): Promise<string> {
    const attempt = (signal: AbortSignal) => {
      this.begun.push(Date.now() - this.#start);
      this.signals.push(signal);
      return work();
    };
    const late = () => new Error('too late');
    const { recall, controllers } = this;
    return tryWithin({ attempt, pause }, { seconds: 10, late, recall, deadlines: new Deadlines(), controllers });
  }

  get aborted(): boolean[] {
    return this.signals.map(({ aborted }) => aborted);
  }
}

const never = () => new Promise<never>(() => {});
const failing = () => Promise.reject(new Error('no'));

describe('tryWithin', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('gives the first answer, and leaves no timer behind', async () => {
    const bench = new Bench();
    expect(await bench.run(async () => 'a')).toBe('a');
    expect(bench.aborted).toEqual([false]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('has a signal serve again after an answer, and never after anything else', async () => {
    const bench = new Bench();
    await bench.run(async () => 'a');
    await bench.run(async () => 'b');
    await bench.run(failing).catch(() => {});
    await bench.run(async () => 'c');
    const [first, second, third, fourth] = bench.signals;
    expect([second === first, third === first, fourth === first]).toEqual([true, true, false]);
    expect(bench.aborted).toEqual([true, true, true, false]);
  });

  it('gives nothing back to others of a try that answers when it is over', async () => {
    const bench = new Bench();
    const work = new Promise<string>((resolve) => setTimeout(() => resolve('late'), 20_000));
    const failed = expect(bench.run(() => work)).rejects.toThrow('too late');
    await vi.advanceTimersByTimeAsync(30_000);
    await failed;
    await bench.run(async () => 'a');
    expect(bench.aborted).toEqual([true, false]);
  });

  it('tries again after the pauses it is told, stops what a failed try left under way, and gives the last failure', async () => {
    const bench = new Bench();
    const failed = expect(bench.run(failing, (_, failures) => [1, 2][failures - 1])).rejects.toThrow('no');
    await vi.runAllTimersAsync();
    await failed;
    expect(bench.begun).toEqual([0, 1000, 3000]);
    expect(bench.aborted).toEqual([true, true, true]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends when the time is over, in a try or in a pause', async () => {
    for (const bench of [new Bench(), new Bench()]) {
      const isFirst = bench.begun.length === 0;
      const failed = expect(bench.run(isFirst ? never : failing, () => 60)).rejects.toThrow('too late');
      await vi.advanceTimersByTimeAsync(10_000);
      await failed;
      expect(bench.aborted).toEqual([true]);
      expect(vi.getTimerCount()).toBe(0);
    }
    const pausing = new Bench();
    const failed = expect(pausing.run(failing, () => 60)).rejects.toThrow('too late');
    await vi.advanceTimersByTimeAsync(100_000);
    await failed;
    expect(pausing.begun).toEqual([0]);
  });

  it('stops for good when it is recalled, before, in a try or in a pause', async () => {
    const before = new Bench();
    before.recall.now();
    void before.run(never);
    expect(before.begun).toEqual([]);
    const during = new Bench();
    void during.run(never);
    during.recall.now();
    expect(during.aborted).toEqual([true]);
    const pausing = new Bench();
    void pausing.run(failing, () => 1);
    await vi.advanceTimersByTimeAsync(500);
    pausing.recall.now();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(pausing.begun).toEqual([0]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
