import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeRanges,
  encodeRanges,
  MAX_METADATA_BYTES,
  worstBytes,
} from '../../../../src/sources/messages/kafka/finished-ranges.ts';

const ranges = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 2000 })), { maxLength: 400 })
  .map((pairs) => {
    let at = 100;
    return pairs.map(([skipped, finished]) => {
      const start = at + skipped;
      at = start + finished;
      return { start, end: at };
    });
  });

describe('encodeRanges', () => {
  it('is short text that decodeRanges reads', () => {
    const finished = [
      { start: 102, end: 107 },
      { start: 108, end: 109 },
    ];
    expect(encodeRanges(100, finished)).toBe('saccade1 2.5,1.1');
    expect(decodeRanges(100, 'saccade1 2.5,1.1')).toEqual(finished);
    expect(encodeRanges(100, [])).toBe('');
  });

  it('comes back as it was as long as it fits, is never too long, and never says more than is finished', () => {
    fc.assert(
      fc.property(ranges, (finished) => {
        const text = encodeRanges(100, finished);
        expect(text.length).toBeLessThanOrEqual(MAX_METADATA_BYTES);
        const back = decodeRanges(100, text);
        expect(back).toEqual(finished.slice(0, back.length));
        const bound = worstBytes(finished.length, (finished.at(-1)?.end ?? 100) - 100);
        expect(text.length).toBeLessThanOrEqual(bound);
        if (bound <= MAX_METADATA_BYTES) expect(back).toHaveLength(finished.length);
      }),
      { numRuns: 500, seed: 7 },
    );
  });
});

describe('decodeRanges', () => {
  it.each([null, '', 'offset by an operator', 'saccade1 ', 'saccade1 2.5,', 'saccade1 2.5;1.1', 'saccade2 2.5'])(
    'finds nothing finished in what is not ours: %j',
    (metadata) => {
      expect(decodeRanges(100, metadata)).toEqual([]);
    },
  );
});
