import { describe, expect, it } from 'vitest';
import { reliability } from '../../src/training/reliability.ts';
import type { Judged } from '../../src/training/validate.ts';

const answer = (probability: number, right: boolean): Judged => ({
  ...{ id: 'a', label: 'ship', answer: right ? 'ship' : 'none', probability },
  ...{ standardError: 0, found: undefined, pulled: undefined, seconds: 0 },
});

describe('reliability', () => {
  it('has no error where answers are right as often as they say', () => {
    const fourOfFive = [true, true, true, true, false].map((right) => answer(0.8, right));
    const { expectedError, bins } = reliability([...fourOfFive, answer(1, true)]);
    expect(expectedError).toBeCloseTo(0);
    expect(bins).toEqual([
      { from: 0.8, to: 0.9, scenes: 5, probability: expect.closeTo(0.8), accuracy: 0.8 },
      { from: 0.9, to: 1, scenes: 1, probability: 1, accuracy: 1 },
    ]);
  });

  it('weighs the gaps of its bins by their scenes', () => {
    const { expectedError } = reliability([
      answer(0.95, false),
      answer(0.5, true),
      answer(0.5, false),
      answer(0.5, false),
    ]);
    expect(expectedError).toBeCloseTo((0.95 + 3 * (0.5 - 1 / 3)) / 4);
  });
});
