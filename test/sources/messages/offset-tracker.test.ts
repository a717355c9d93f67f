import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OffsetTracker } from '../../../src/sources/messages/offset-tracker.ts';

describe('OffsetTracker', () => {
  it('knows no watermark before the first message', () => {
    expect(new OffsetTracker().watermark).toBeUndefined();
  });

  it('stays at the lowest unfinished offset and goes to the next position when all are finished', () => {
    const tracker = new OffsetTracker();
    for (const offset of [5n, 6n, 9n]) expect(tracker.accept(offset)).toBe(true);
    tracker.finish(6n);
    expect(tracker.watermark).toBe(5n);
    tracker.finish(5n);
    expect(tracker.watermark).toBe(9n);
    tracker.finish(9n);
    expect(tracker.watermark).toBe(10n);
  });

  it('rejects what it was given before, finished or not', () => {
    const tracker = new OffsetTracker();
    tracker.accept(3n);
    tracker.accept(4n);
    tracker.finish(4n);
    expect([tracker.accept(3n), tracker.accept(4n), tracker.accept(5n)]).toEqual([false, false, true]);
  });

  it('goes past the marker at the end of a batch, but never back', () => {
    const tracker = new OffsetTracker();
    tracker.accept(3n);
    tracker.skipTo(5n);
    tracker.finish(3n);
    expect(tracker.watermark).toBe(5n);
    tracker.skipTo(4n);
    expect(tracker.watermark).toBe(5n);
  });

  it('never passes an unfinished offset, never goes back, takes each offset once, and ends at the end', () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ kind: fc.constant('accept' as const), gap: fc.nat({ max: 3 }) }) },
      { weight: 5, arbitrary: fc.record({ kind: fc.constant('finish' as const), which: fc.nat() }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('rewind' as const) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const tracker = new OffsetTracker();
        const unfinished: bigint[] = [];
        const taken = new Set<bigint>();
        let position = 0n;
        let before = 0n;
        for (const s of steps) {
          if (s.kind === 'rewind') position = tracker.watermark ?? 0n;
          else if (s.kind === 'accept') {
            const offset = taken.has(position) ? position : position + BigInt(s.gap);
            if (tracker.accept(offset)) {
              expect(taken.has(offset)).toBe(false);
              taken.add(offset);
              unfinished.push(offset);
            }
            position = offset + 1n;
          } else if (unfinished.length > 0) {
            const [offset = 0n] = unfinished.splice(s.which % unfinished.length, 1);
            tracker.finish(offset);
          }
          const watermark = tracker.watermark ?? 0n;
          expect(unfinished.every((offset) => offset >= watermark)).toBe(true);
          expect(watermark >= before).toBe(true);
          before = watermark;
        }
        for (const offset of unfinished) tracker.finish(offset);
        const last = [...taken].at(-1);
        expect(tracker.watermark).toBe(last === undefined ? undefined : last + 1n);
        expect(tracker.inFlight).toBe(0);
      }),
      { numRuns: 1000, seed: 7 },
    );
  });
});
