import type { DrawnCell } from '../model.ts';
import type { Estimator } from './estimator.ts';

/**
 * All cells with attention, row by row: the exact Σ a·f (eq. 1) and its exact gradient. No chance plays a part; the number
 * of places asked for plays none either.
 *
 * Variance: 0.
 * Cost: every one of K patches is read and looked at.
 */
export const all: Estimator = {
  form: 'linear',
  cells: ({ units, total }) =>
    Array.from(units, (share, cell): DrawnCell => ({ cell, attention: share / total, coefficient: 1 })).filter(
      ({ attention }) => attention > 0,
    ),
  variance: () => 0,
};
