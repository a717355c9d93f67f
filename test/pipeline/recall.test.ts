import { describe, expect, it } from 'vitest';
import { Recall } from '../../src/pipeline/recall.ts';
import { whenAborted } from '../../src/pipeline/when-aborted.ts';

describe('Recall', () => {
  it('tells each listener once, and those that come later at once', () => {
    const recall = new Recall();
    const told: string[] = [];
    recall.listen(() => told.push('early'));
    expect([recall.recalled, told]).toEqual([false, []]);
    recall.now();
    recall.now();
    recall.listen(() => told.push('late'));
    expect([recall.recalled, told]).toEqual([true, ['early', 'late']]);
  });

  it('waits for work until it is recalled, and lets nothing of it out after that', async () => {
    const recall = new Recall();
    expect(await recall.unless(Promise.resolve(7))).toBe(7);
    await expect(recall.unless(Promise.reject(new Error('no')))).rejects.toThrow('no');
    let fail = (_: Error) => {};
    const work = new Promise<number>((_, reject) => {
      fail = reject;
    });
    const waiting = recall.unless(work);
    recall.now();
    fail(new Error('late'));
    expect(await waiting).toBeUndefined();
  });
});

describe('whenAborted', () => {
  it('tells those who wait when the signal is aborted, and not those who have forgotten it', () => {
    const controller = new AbortController();
    const told: string[] = [];
    whenAborted(controller.signal, () => told.push('a'));
    const forget = whenAborted(controller.signal, () => told.push('b'));
    forget();
    controller.abort();
    whenAborted(controller.signal, () => told.push('late'));
    expect(told).toEqual(['a', 'late']);
  });
});
