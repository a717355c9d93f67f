import type { Estimator } from './estimator.ts';
import { largest } from './largest.ts';

/**
 * The N cells with the most attention, weighted by it, scaled to sum 1. No chance plays a part.
 *
 * Biased: what lies outside the N cells is taken to look like what lies inside. Good where attention is sharp, bad where
 * it is flat. In training, cells outside are never seen, so attention has no way to find them.
 *
 * Variance: 0 by the draw, which says nothing of its error.
 * Cost: one pass for the largest.
 */
export const top: Estimator = {
  form: 'normalised',
  cells: ({ units, total }, { patches }) =>
    largest(units, patches, 0).map((cell) => ({ cell, attention: (units[cell] as number) / total, coefficient: 1 })),
  variance: () => 0,
};
