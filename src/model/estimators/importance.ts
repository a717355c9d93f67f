import { uniform } from '../../random.ts';
import type { DrawnCell } from '../model.ts';
import type { Estimator } from './estimator.ts';
import { pick } from './pick.ts';
import type { Shares } from './quantise.ts';

/**
 * N independent draws from any other distribution p over the cells (eq. 5–9). The coefficient of a cell that was drawn m
 * times is c = m/(N·p), the form linear; a cell drawn twice is looked at once and counts twice.
 *
 * Unbiased for Σ a·f and its gradients wherever p > 0 where a > 0. The variance is (Σ aᵢ²‖fᵢ‖²/pᵢ − ‖F‖²)/N, least for
 * p ∝ a·‖f‖ (eq. 9): with features of one length, that is attention itself (`with-replacement`).
 *
 * Variance: that of the N draws about their mean, over N; unbiased, for N ≥ 2.
 * Cost: one pass over K cells and N random numbers.
 *
 * @param proposal [h·w] of each cell, ≥ 0; need not sum to 1
 */
export function importance(proposal: Float64Array): Estimator {
  const sum = proposal.reduce((total, p) => total + p, 0);
  return {
    form: 'linear',
    cells(shares, { patches, key }) {
      const points = Array.from({ length: patches }, (_, n) => uniform(key, n) * sum).sort((a, b) => a - b);
      return counted(shares, pick(proposal, points, proposal.keys()), (cell) => (proposal[cell] as number) / sum);
    },
    variance(cells, contributions) {
      const draws = cells.reduce((count, { times = 1 }) => count + times, 0);
      if (draws < 2) return Number.POSITIVE_INFINITY;
      const estimate = contributions.reduce((total, u) => total + u, 0);
      const squares = cells.reduce((total, { times = 1 }, i) => {
        const single = (draws * (contributions[i] as number)) / times; // what each draw of this cell alone would say
        return total + times * (single - estimate) ** 2;
      }, 0);
      return squares / (draws * (draws - 1));
    },
  };
}

/** The draw of given cells, one after another, each with its probability in a single draw. */
export function counted(
  { units, total }: Shares,
  draws: readonly number[],
  probability: (cell: number) => number,
): DrawnCell[] {
  const times = new Map<number, number>();
  for (const cell of draws) times.set(cell, (times.get(cell) ?? 0) + 1);
  return [...times].map(([cell, count]) => {
    const coefficient = count / (draws.length * probability(cell));
    return { cell, attention: (units[cell] as number) / total, coefficient, times: count };
  });
}
