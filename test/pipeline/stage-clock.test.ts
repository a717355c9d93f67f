import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadlines } from '../../src/pipeline/deadlines.ts';
import { newTrace } from '../../src/pipeline/scene-in-work.ts';
import { StageClock } from '../../src/pipeline/stage-clock.ts';

function bench() {
  const [trace, giveUp, told] = [newTrace(), new AbortController(), [] as string[]];
  const fail = (error: Error) => void told.push(error.message);
  const observe = { stage: (stage: string, seconds: number) => void told.push(`${stage} ${seconds}`) };
  const clock = new StageClock(
    { trace, signal: giveUp.signal, fail },
    { deadlines: new Deadlines(), observe },
    { deadlineSeconds: { open: 1, attend: 2, fetch: 1, look: 2 } },
  );
  return { clock, trace, giveUp, told };
}

describe('StageClock', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('times each stage, and allows each its own time', async () => {
    const { clock, trace, told } = bench();
    for (const [stage, milliseconds] of [
      ['open', 750],
      ['attend', 1500],
      ['fetch', 500],
    ] as const) {
      clock.begin(stage);
      expect(trace.stage).toBe(stage);
      await vi.advanceTimersByTimeAsync(milliseconds);
      clock.end();
      await vi.advanceTimersByTimeAsync(5000); // between stages nothing is due
    }
    expect(told).toEqual(['open 0.75', 'attend 1.5', 'fetch 0.5']);
    expect(trace.seconds).toEqual({ open: 0.75, attend: 1.5, fetch: 0.5, look: 0 });
    clock.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('fails the stage that is late, once, and lets none follow it', async () => {
    const { clock, trace, told } = bench();
    clock.begin('fetch');
    await vi.advanceTimersByTimeAsync(5000);
    expect(told).toEqual(['fetch took longer than 1 s']);
    expect(() => clock.end()).toThrow('over');
    expect(() => clock.begin('look')).toThrow('over');
    expect([trace.stage, trace.seconds.fetch]).toEqual(['fetch', 0]);
  });

  it('begins and ends nothing that is no longer wanted', () => {
    const { clock, giveUp, told } = bench();
    clock.begin('open');
    giveUp.abort(new Error('moved'));
    expect(() => clock.end()).toThrow('moved');
    expect(() => clock.begin('attend')).toThrow('moved');
    clock.stop();
    expect([told, vi.getTimerCount()]).toEqual([[], 0]);
  });
});
