import type { Estimator } from './estimator.ts';
import { importance } from './importance.ts';

/**
 * N independent draws from the attention itself (eq. 4): the mean of the features drawn. Its gradient by eq. 12 is what
 * automatic differentiation gives for constant coefficients m/(N·a), m being how often a cell was drawn.
 *
 * Unbiased for Σ a·f and its gradients. Variance (Σ a‖f‖² − ‖F‖²)/N, whatever the map: where attention is sharp, most
 * draws are spent on few cells. Less than N places may be looked at.
 *
 * Variance and cost: as `importance`.
 */
export const withReplacement: Estimator = {
  ...importance(new Float64Array()),
  cells: (shares, options) => importance(shares.units).cells(shares, options),
};
