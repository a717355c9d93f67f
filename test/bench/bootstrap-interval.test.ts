import { describe, expect, it } from 'vitest';
import { bootstrapInterval } from '../../bench/folds/bootstrap-interval.ts';

const share = (cases: readonly boolean[]) => cases.filter(Boolean).length / cases.length;

describe('bootstrapInterval', () => {
  it('is as wide as 2 × 1.96 standard errors of a share, and lies about it', () => {
    const cases = Array.from({ length: 400 }, (_, i) => i < 300);
    const [low, high] = bootstrapInterval(cases, share);
    const error = Math.sqrt((0.75 * 0.25) / 400);
    expect(Math.abs(high - low - 2 * 1.96 * error)).toBeLessThan(0.1 * error);
    expect(Math.abs((low + high) / 2 - 0.75)).toBeLessThan(0.1 * error);
  });

  it('has no width where all cases are alike, and is the same each time', () => {
    expect(bootstrapInterval([true, true, true], share)).toEqual([1, 1]);
    const cases = [true, false, true, true, false];
    expect(bootstrapInterval(cases, share)).toEqual(bootstrapInterval(cases, share));
  });
});
