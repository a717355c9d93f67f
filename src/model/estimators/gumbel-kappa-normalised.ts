import type { Estimator } from './estimator.ts';
import { gumbelKappaPlain } from './gumbel-kappa-plain.ts';

/**
 * The draw and coefficients of `gumbel-kappa-plain`, with weights scaled to sum 1: w̃ = softmax(log aᵢ − log qᵢ).
 *
 * Not unbiased: its bias is O(1/N), and vanishes where all features are alike. Its variance and that of its gradient are
 * much smaller, since what features have in common no longer counts.
 *
 * Variance: that of the plain form of residuals yᵢ = y(fᵢ) − y(F̂), to first order, each residual divided by 1 − w̃ᵢ as the
 * jackknife does: F̂ has leaned towards fᵢ by that share, and without it the variance of few places is too small. Infinite
 * at N = 1.
 * Cost: as the plain form.
 */
export const gumbelKappaNormalised: Estimator = {
  ...gumbelKappaPlain,
  form: 'normalised',
  variance(cells, contributions) {
    const weights = cells.map(({ coefficient, attention }) => coefficient * attention);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const [only] = cells;
    if (cells.length === 1 && only && only.coefficient > 1) return Number.POSITIVE_INFINITY;
    return cells.reduce((sum, { coefficient }, i) => {
      if (coefficient === 1) return sum;
      const residual = (contributions[i] as number) / (1 - (weights[i] as number) / total);
      return sum + (1 - 1 / coefficient) * residual ** 2;
    }, 0);
  },
};
