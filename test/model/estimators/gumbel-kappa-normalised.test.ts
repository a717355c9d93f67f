import { describe, expect, it } from 'vitest';
import { gumbelKappaNormalised } from '../../../src/model/estimators/gumbel-kappa-normalised.ts';

const cells = [
  { cell: 4, attention: 0.3, coefficient: 1.2 },
  { cell: 1, attention: 0.05, coefficient: 4 },
  { cell: 7, attention: 0.1, coefficient: 2.5 },
];
const values = [0.7, -1.3, 2.1];

function estimate(left: readonly number[]): number {
  const weights = left.map((i) => cells[i]!.attention * cells[i]!.coefficient);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return left.reduce((sum, i, k) => sum + (weights[k]! / total) * values[i]!, 0);
}

describe('gumbelKappaNormalised', () => {
  it('has the variance of the jackknife: of what the estimate would be without each of its places', () => {
    const whole = estimate([0, 1, 2]);
    const total = cells.reduce((sum, { attention, coefficient }) => sum + attention * coefficient, 0);
    const contributions = cells.map((cell, i) => ((cell.attention * cell.coefficient) / total) * (values[i]! - whole));
    const jackknife = cells.reduce(
      (sum, { coefficient }, i) =>
        sum + (1 - 1 / coefficient) * (estimate([0, 1, 2].filter((k) => k !== i)) - whole) ** 2,
      0,
    );
    expect(gumbelKappaNormalised.variance(cells, contributions)).toBeCloseTo(jackknife, 12);
  });

  it('tells nothing of one place, and is certain of all cells', () => {
    const one = [{ cell: 0, attention: 0.4, coefficient: 1.5 }];
    expect(gumbelKappaNormalised.variance(one, [0])).toBe(Number.POSITIVE_INFINITY);
    const all = cells.map((cell) => ({ ...cell, coefficient: 1 }));
    expect(gumbelKappaNormalised.variance(all, [0.1, -0.2, 0.1])).toBe(0);
    expect(gumbelKappaNormalised.variance([{ cell: 0, attention: 1, coefficient: 1 }], [0])).toBe(0);
  });
});
