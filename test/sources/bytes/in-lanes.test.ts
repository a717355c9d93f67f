import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { inLanes } from '../../../src/sources/bytes/in-lanes.ts';

const items = Array.from({ length: 20 }, (_, i) => i);
const { signal } = new AbortController();

describe('inLanes', () => {
  it('works on every item once, on no more at a time than it has lanes', async () => {
    const done: number[] = [];
    let atWork = 0;
    let most = 0;
    await inLanes(items, 3, signal, async (item) => {
      most = Math.max(most, ++atWork);
      await turn();
      atWork -= 1;
      done.push(item);
    });
    expect(done.sort((a, b) => a - b)).toEqual(items);
    expect(most).toBe(3);
  });

  it('fails with the first failure, and leaves nothing at work', async () => {
    let atWork = 0;
    let begun = 0;
    const work = async (item: number, signal: AbortSignal) => {
      atWork += 1;
      begun += 1;
      for (let i = 0; i < 10 + item && !signal.aborted; i += 1) await turn();
      atWork -= 1;
      if (item === 1) throw new Error('the first');
      signal.throwIfAborted();
    };
    await expect(inLanes(items, 4, signal, work)).rejects.toThrow('the first');
    expect(atWork).toBe(0);
    expect(begun).toBeLessThan(items.length);
  });

  it('stops at an abort, with its reason', async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const work = async (item: number, signal: AbortSignal) => {
      if (item === 5) stop.abort(reason);
      await turn();
      signal.throwIfAborted();
    };
    await expect(inLanes(items, 2, stop.signal, work)).rejects.toBe(reason);
  });

  it('has nothing to do with no items', async () => {
    await inLanes([], 2, signal, () => Promise.reject(new Error('never')));
  });
});
