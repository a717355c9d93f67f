import type { DrawnCell } from '../model.ts';
import type { Estimator } from './estimator.ts';
import { gumbelKeys } from './gumbel-keys.ts';
import { isAlone } from './is-alone.ts';
import { largest } from './largest.ts';
import type { Shares } from './quantise.ts';

/**
 * Gumbel-top-k: the N cells with the largest keys log aᵢ + Gᵢ, in descending order. Given κ, the (N+1)-th largest key, a
 * cell is in the draw exactly if its own key exceeds κ, independently of the others: with probability
 * qᵢ = 1 − exp(−exp(log aᵢ − κ)). The coefficient is cᵢ = 1/qᵢ, the form linear.
 *
 * Unbiased for Σ a·f and its gradients. Its weights do not sum to 1, which costs variance where features have much in
 * common; `gumbel-kappa-normalised` does not pay that. The first n cells of a draw are the draw of n, but for their κ.
 *
 * Variance: estimates of two cells are uncorrelated, so Σ (1 − qᵢ)·uᵢ² is unbiased for N ≥ 2; at N = 1 the variance is infinite.
 * Cost: a logarithm of a random number for each of K cells, and one pass for the largest.
 */
export const gumbelKappaPlain: Estimator = {
  form: 'linear',
  cells(shares, { patches, key }) {
    const keys = gumbelKeys(shares, key);
    const order = largest(keys, patches + 1, Number.NEGATIVE_INFINITY);
    const next = order[patches];
    const kappa = next === undefined ? Number.NEGATIVE_INFINITY : (keys[next] as number);
    return cellsAbove(shares, order.slice(0, patches), kappa);
  },
  variance(cells, contributions) {
    if (isAlone(cells)) return Number.POSITIVE_INFINITY;
    return cells.reduce(
      (sum, { coefficient }, i) => sum + (1 - 1 / coefficient) * (contributions[i] as number) ** 2,
      0,
    );
  },
};

/** Cells drawn by the threshold κ; −∞ where all cells were drawn, which then are certain. */
export function cellsAbove({ units, total }: Shares, cells: readonly number[], kappa: number): DrawnCell[] {
  return cells.map((cell) => {
    const attention = (units[cell] as number) / total;
    return { cell, attention, coefficient: -1 / Math.expm1(-Math.exp(Math.log(attention) - kappa)) };
  });
}
