import type { Estimator } from './estimator.ts';
import { systematic } from './systematic.ts';

/**
 * The draw and coefficients of `systematic`, with weights scaled to sum 1. They do so already, so the estimate is the same
 * number, unbiased; what differs is its gradient: scaled weights take the estimate itself off each feature as a baseline.
 *
 * Unbiased for Σ a·f and for the gradient with respect to features; that with respect to attention has a bias of O(1/N),
 * and less variance where features have much in common. (`estimateBatch` does that for `systematic` without bias.)
 *
 * Variance and cost: as `systematic`.
 */
export const systematicNormalised: Estimator = { ...systematic, form: 'normalised' };
