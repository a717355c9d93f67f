import type { RandomKey } from '../../random.ts';
import type { DrawnCell } from '../model.ts';
import type { Shares } from './quantise.ts';

/**
 * A way to estimate the expected feature F = Σ aᵢ·fᵢ of a scene from few of its K cells: which cells are drawn, and with
 * what coefficient cᵢ each counts. Coefficients are constants of the draw: E[cᵢ·1(i drawn)] = 1 makes Σ cᵢ·aᵢ·fᵢ unbiased,
 * and, since it is linear in a and in f, automatic differentiation of it unbiased too (eq. 12, for any design).
 */
export type Estimator = {
  readonly form: Form;
  /** @returns the cells drawn, in an order that `variance` may rely on; none twice */
  cells(shares: Shares, options: { readonly patches: number; readonly key: RandomKey }): DrawnCell[];
  /**
   * Of the estimate's linear functional Σ uᵢ, with contributions uᵢ = wᵢ·yᵢ of the cells in the order drawn, wᵢ being their
   * weights in the estimate. In the normalised form yᵢ counts from the estimate: yᵢ = y(fᵢ) − y(F̂).
   * @returns Infinity where the draw is too small to tell
   */
  variance(cells: readonly DrawnCell[], contributions: readonly number[]): number;
};

/**
 * `linear`: F̂ = Σ cᵢ·aᵢ·fᵢ. `normalised`: those weights divided by their sum, w̃ = softmax(log aᵢ + log cᵢ) over the draw,
 * which takes a baseline off the gradient for a bias of O(1/N).
 */
export type Form = 'linear' | 'normalised';
