import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { roomAfter } from '../../src/commands/keep-heap-steady.ts';

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
  /** Whole collections of a process in which twelve million objects are made, of which the last hundred thousand live. */
  async function collections(before: string): Promise<number> {
    const work = `${before}
      const { PerformanceObserver, constants } = await import('node:perf_hooks');
      let whole = 0;
      new PerformanceObserver((list) => {
        whole += list.getEntries().filter(({ detail }) => detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR).length;
      }).observe({ entryTypes: ['gc'] });
      const kept = [];
      for (let i = 0; i < 12_000_000; i += 1) {
        kept[i % 100_000] = { i, text: 'object ' + i };
        if (i % 10_000 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      console.log(whole);`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--single-threaded-gc',
      '--input-type=module',
      '-e',
      work,
    ]);
    return Number(stdout);
  }

  it('does not have a busy process collect over and over', async () => {
    const steady = await collections(
      `(await import('${new URL('../../dist/commands/keep-heap-steady.js', import.meta.url)}')).keepHeapSteady();`,
    );
    const always = await collections(
      `(await import('node:v8')).setFlagsFromString('--heap-growing-percent=30');
       (await import('node:v8')).setFlagsFromString('--expose-gc');
       (await import('node:vm')).runInNewContext('gc()');`,
    );
    expect(always).toBeGreaterThan(5);
    expect(steady).toBeLessThan(0.7 * always);
  });
});
