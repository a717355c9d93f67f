import { describe, expect, it } from 'vitest';
import { depthOf } from '../../../bench/reads/depth-of.ts';

const spans = (...pairs: readonly (readonly [number, number])[]) => pairs.map(([start, end]) => ({ start, end }));

describe('depthOf', () => {
  it('counts requests that wait for each other, and not those under way together', () => {
    expect(depthOf([])).toBe(0);
    expect(depthOf(spans([0, 5], [1, 4], [2, 6]))).toBe(1);
    expect(depthOf(spans([0, 1], [1, 2], [2, 3]))).toBe(3);
    expect(depthOf(spans([2, 3], [0, 1], [1, 2], [0, 9]))).toBe(3);
  });

  it('finds the longest chain, whichever comes first', () => {
    // A long one beside three short ones; a chain through the long one has two.
    expect(depthOf(spans([0, 10], [0, 3], [3, 6], [6, 9], [11, 12]))).toBe(4);
  });
});
