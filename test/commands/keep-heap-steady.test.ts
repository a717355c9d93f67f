import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import { keepHeapSteady, roomAfter } from '../../src/commands/keep-heap-steady.ts';

describe('roomAfter', () => {
  it('gives room where whole collections come often, and takes it back once they are seldom', () => {
    const often = [0.1, 0.2, 0.4, 0.1];
    expect(roomAfter(often, 'steady')).toBe('free');
    expect(roomAfter(often.slice(1), 'steady')).toBe('steady'); // a start, not a habit
    expect(roomAfter([...often.slice(1), 1], 'steady')).toBe('steady');
    expect(roomAfter([...often.slice(1), 1], 'free')).toBe('free');
    expect(roomAfter([...often.slice(1), 6], 'free')).toBe('steady');
    expect(roomAfter([Number.POSITIVE_INFINITY], 'steady')).toBe('steady'); // the first one of a process
  });
});

describe('keepHeapSteady', () => {
  it('begins with little room, and gives more once V8 has made whole collections one upon the other', async () => {
    const flags: string[] = [];
    keepHeapSteady((flag) => {
      flags.push(flag);
      if (flag === '--expose-gc') setFlagsFromString(flag);
    });
    expect(flags).toEqual(['--heap-growing-percent=30', '--expose-gc']);
    const gc: () => void = runInNewContext('gc');
    for (let n = 0; n < 5; n += 1) gc();
    await vi.waitFor(() => expect(flags.at(-1)).toBe('--heap-growing-percent=200'));
  });
});
