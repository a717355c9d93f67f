import type { DrawnCell } from '../model.ts';
import type { Estimator } from './estimator.ts';
import { gumbelKeys } from './gumbel-keys.ts';
import { largest } from './largest.ts';
import type { Shares } from './quantise.ts';

/**
 * N draws one after another without replacement (eq. 13), and the mean of their N ordered estimators (Des Raj 1956):
 * tₖ = Σ_{j<k} aⱼ·fⱼ + mₖ·fₖ, mₖ = 1 − Σ_{j<k} aⱼ, of which eq. 14–15 is the last alone, with up to N times the variance
 * where attention is flat. Collected by cells, with k counted from 0, the coefficients are cₖ = (N−1−k)/N + mₖ/(N·aₖ).
 *
 * Unbiased for Σ a·f and its gradients: coefficients are constants, whereas the gradient published with the method
 * differentiates mₖ along a wrong path, and is biased. Weights sum to 1 in every draw.
 *
 * Variance: the tₖ are uncorrelated with one mean, so Σ (tₖ − t̄)²/(N(N−1)) is unbiased, for N ≥ 2.
 * Cost: a logarithm of a random number for each of K cells, and one pass for the largest keys.
 *
 * Where no more cells have attention than are asked for, all are taken with coefficient 1: the estimate then is exact.
 */
export const withoutReplacement: Estimator = {
  form: 'linear',
  cells(shares, { patches, key }) {
    const order = largest(gumbelKeys(shares, key), patches + 1, Number.NEGATIVE_INFINITY);
    return order.length > patches ? inOrder(shares, order.slice(0, patches)) : exactly(shares, order);
  },
  variance(cells, contributions) {
    if (cells.every(({ coefficient }) => coefficient === 1)) return 0;
    const places = cells.length;
    if (places < 2) return Number.POSITIVE_INFINITY;
    const estimate = contributions.reduce((sum, u) => sum + u, 0);
    let [before, squares, left] = [0, 0, 1];
    cells.forEach(({ coefficient, attention }, k) => {
      const own = (contributions[k] as number) / coefficient; //  aₖ·yₖ
      squares += (before + (left / attention) * own - estimate) ** 2;
      before += own;
      left -= attention;
    });
    return squares / (places * (places - 1));
  },
};

/** The draw of given cells in a given order, some cells being left. */
export function inOrder({ units, total }: Shares, order: readonly number[]): DrawnCell[] {
  let left = total;
  return order.map((cell, k) => {
    const share = units[cell] as number;
    const coefficient = (order.length - 1 - k + left / share) / order.length;
    left -= share;
    return { cell, attention: share / total, coefficient };
  });
}

function exactly({ units, total }: Shares, cells: readonly number[]): DrawnCell[] {
  return cells.map((cell) => ({ cell, attention: (units[cell] as number) / total, coefficient: 1 }));
}
