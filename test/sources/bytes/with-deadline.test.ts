import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { withDeadline } from '../../../src/sources/bytes/with-deadline.ts';

const late = () => new Error('late');
const forEver = (signal: AbortSignal) => sleep(60_000, undefined, { signal });

describe('withDeadline', () => {
  it('gives what the work gives', async () => {
    expect(await withDeadline(new AbortController().signal, 60, late, async () => 42)).toBe(42);
  });

  it('ends work that takes too long', async () => {
    await expect(withDeadline(new AbortController().signal, 0.01, late, forEver)).rejects.toThrow('late');
  });

  it("passes the caller's abort on, reason untouched", async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const work = withDeadline(stop.signal, 60, late, forEver);
    stop.abort(reason);
    await expect(work).rejects.toBe(reason);
    await expect(withDeadline(stop.signal, 60, late, async () => 42)).rejects.toBe(reason);
  });

  it("passes the work's own failure on", async () => {
    const work = withDeadline(new AbortController().signal, 60, late, () => Promise.reject(new Error('own')));
    await expect(work).rejects.toThrow('own');
  });
});
