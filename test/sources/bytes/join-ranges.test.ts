import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOf } from '../../../src/sources/bytes/byte-source.ts';
import { joinLimits, joinRanges } from '../../../src/sources/bytes/join-ranges.ts';

const anyRanges = fc.array(fc.record({ offset: fc.nat(4_000_000), length: fc.integer({ min: 1, max: 300_000 }) }), {
  maxLength: 40,
});
const anyLimits = fc.record({
  gapBytes: fc.nat(200_000),
  waste: fc.double({ min: 0, max: 0.5, noNaN: true }),
  spanBytes: fc.integer({ min: 1, max: 2_000_000 }),
});

describe('joinRanges', () => {
  it('puts every range into exactly one span, which covers it', () => {
    fc.assert(
      fc.property(anyRanges, anyLimits, (ranges, limits) => {
        const spans = joinRanges(ranges, limits);
        expect(spans.flatMap((span) => span.ranges)).toHaveLength(ranges.length);
        expect(new Set(spans.flatMap((span) => span.ranges))).toEqual(new Set(ranges));
        for (const span of spans) {
          expect(Math.min(...span.ranges.map((range) => range.offset))).toBe(span.offset);
          expect(Math.max(...span.ranges.map(endOf))).toBe(endOf(span));
        }
      }),
    );
  });

  it('keeps to its limits', () => {
    fc.assert(
      fc.property(anyRanges, anyLimits, (ranges, limits) => {
        const spans = joinRanges(ranges, limits);
        const needed = ranges.reduce((sum, range) => sum + range.length, 0);
        const fetched = spans.reduce((sum, span) => sum + span.length, 0);
        expect(fetched).toBeLessThanOrEqual(needed * (1 + limits.waste));
        for (const span of spans) {
          if (span.ranges.length > 1) expect(span.length).toBeLessThanOrEqual(limits.spanBytes);
          expect(widestGap(span.ranges)).toBeLessThanOrEqual(limits.gapBytes);
        }
      }),
    );
  });

  it('joins neighbours, and tiles that share their bytes', () => {
    const ranges = [
      { offset: 100, length: 50 },
      { offset: 0, length: 100 },
      { offset: 100, length: 50 },
    ];
    expect(joinRanges(ranges).map(({ offset, length }) => ({ offset, length }))).toEqual([{ offset: 0, length: 150 }]);
  });

  it('joins more ranges than a call takes arguments', () => {
    const ranges = Array.from({ length: 300_000 }, (_, i) => ({ offset: 8 + i * 20, length: 20 }));
    expect(joinRanges(ranges).map(({ offset, length }) => ({ offset, length }))).toEqual([
      { offset: 8, length: 6_000_000 },
    ]);
  });

  it('fetches nothing twice over for a range that lies under one of an earlier span', () => {
    const ranges = [
      { offset: 0, length: 4 },
      { offset: 1, length: 1 },
      { offset: 3, length: 1 },
    ];
    const spans = joinRanges(ranges, { gapBytes: 0, waste: 0, spanBytes: 3 });
    expect(spans.map(({ offset, length }) => ({ offset, length }))).toEqual(ranges);
  });

  it('closes the smallest gaps first, as long as the waste allows', () => {
    const ranges = [0, 1000 + 40, 2000 + 40 + 20, 3000 + 40 + 20 + 30].map((offset) => ({ offset, length: 1000 }));
    const limits = { ...joinLimits, waste: 50 / 4000 };
    expect(joinRanges(ranges, limits).map((span) => span.ranges.length)).toEqual([1, 3]);
  });

  it('makes nothing of nothing', () => {
    expect(joinRanges([])).toEqual([]);
  });
});

function widestGap(ranges: readonly { offset: number; length: number }[]): number {
  let end = ranges[0]?.offset ?? 0;
  let widest = 0;
  for (const range of ranges) {
    widest = Math.max(widest, range.offset - end);
    end = Math.max(end, endOf(range));
  }
  return widest;
}
