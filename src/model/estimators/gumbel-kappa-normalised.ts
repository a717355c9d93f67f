import type { Estimator } from './estimator.ts';
import { gumbelKappaPlain } from './gumbel-kappa-plain.ts';

/**
 * The draw and coefficients of `gumbel-kappa-plain`, with weights scaled to sum 1: w̃ = softmax(log aᵢ − log qᵢ).
 *
 * Not unbiased: its bias is O(1/N), and vanishes where all features are alike. Its variance and that of its gradient are
 * much smaller, since what features have in common no longer counts.
 *
 * Variance: that of the plain form of residuals yᵢ = y(fᵢ) − y(F̂), to first order; it is a little too small for few places.
 * Cost: as the plain form.
 */
export const gumbelKappaNormalised: Estimator = { ...gumbelKappaPlain, form: 'normalised' };
