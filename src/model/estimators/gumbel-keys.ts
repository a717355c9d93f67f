import { type RandomKey, uniform } from '../../random.ts';
import type { Shares } from './quantise.ts';

/**
 * One key per cell, log aᵢ + Gᵢ with Gᵢ = −log(−log Uᵢ) of the standard Gumbel distribution. Cells in descending order of
 * their keys are drawn one after another without replacement, each with probability proportional to its attention among
 * those left (eq. 13). One number of the generator belongs to each cell, so a larger N extends a smaller one.
 * @returns [h·w], −∞ for a cell without attention
 */
export function gumbelKeys({ units, total }: Shares, key: RandomKey): Float64Array {
  return units.map((share, cell) =>
    share > 0 ? Math.log(share / total) - Math.log(-Math.log(uniform(key, cell))) : Number.NEGATIVE_INFINITY,
  );
}
