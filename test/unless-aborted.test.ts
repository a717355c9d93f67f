import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { unlessAborted } from '../src/unless-aborted.ts';

describe('unlessAborted', () => {
  it('gives what the promise gives, and listens no longer', async () => {
    const { signal } = new AbortController();
    await expect(unlessAborted(signal, Promise.resolve(7))).resolves.toBe(7);
    await expect(unlessAborted(signal, Promise.reject(new Error('lost count')))).rejects.toThrow('lost count');
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it("rejects with the signal's reason at once, before or while it waits", async () => {
    const reason = new Error('enough');
    await expect(unlessAborted(AbortSignal.abort(reason), Promise.resolve(7))).rejects.toBe(reason);
    const stop = new AbortController();
    let fail: (error: Error) => void = () => {};
    const waiting = unlessAborted(stop.signal, new Promise((_, reject) => (fail = reject)));
    stop.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    fail(new Error('too late to matter')); // and no unhandled rejection, which would fail this file
    await new Promise(setImmediate);
  });
});
