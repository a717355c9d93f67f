import { describe, expect, it } from 'vitest';
import { hostLanes } from '../../../src/sources/bytes/host-lanes.ts';

const { signal } = new AbortController();

describe('hostLanes', () => {
  it('lets in no more than it has lanes for each host, first come first served', async () => {
    const lanes = hostLanes(2);
    const order: string[] = [];
    const enter = async (host: string, name: string) => {
      const leave = await lanes.enter(host, signal);
      order.push(name);
      return leave;
    };
    const leaves = await Promise.all([enter('a', '1'), enter('a', '2'), enter('b', 'other')]);
    const third = enter('a', '3');
    const fourth = enter('a', '4');
    await Promise.resolve();
    expect(order).toEqual(['1', '2', 'other']);
    leaves[1]?.();
    const leaveThird = await third;
    expect(order.at(-1)).toBe('3');
    leaveThird();
    await fourth;
    expect(order.at(-1)).toBe('4');
  });

  it('forgets who does not wait any longer', async () => {
    const lanes = hostLanes(1);
    const leave = await lanes.enter('a', signal);
    const stop = new AbortController();
    const reason = new Error('enough');
    const gone = lanes.enter('a', stop.signal);
    const next = lanes.enter('a', signal);
    stop.abort(reason);
    await expect(gone).rejects.toBe(reason);
    await expect(lanes.enter('a', stop.signal)).rejects.toBe(reason);
    leave();
    (await next)();
    // The lane that was given back twice over is there once.
    await lanes.enter('a', signal);
    const waiting = lanes.enter('a', AbortSignal.timeout(1));
    await expect(waiting).rejects.toThrow();
  });
});
