import { firstUniforms, type RandomKey } from '../../random.ts';
import type { Shares } from './quantise.ts';

/**
 * One key per cell, log aᵢ + Gᵢ with Gᵢ = −log(−log Uᵢ) of the standard Gumbel distribution. Cells in descending order of
 * their keys are drawn one after another without replacement, each with probability proportional to its attention among
 * those left (eq. 13). One number of the generator belongs to each cell, so a larger N extends a smaller one.
 * @returns [h·w], −∞ for a cell without attention
 */
export function gumbelKeys({ units, total }: Shares, key: RandomKey): Float64Array {
  const keys = firstUniforms(key, units.length);
  for (let cell = 0; cell < keys.length; cell += 1) {
    const share = units[cell] as number;
    const gumbel = -Math.log(-Math.log(keys[cell] as number));
    keys[cell] = share > 0 ? Math.log(share / total) + gumbel : Number.NEGATIVE_INFINITY;
  }
  return keys;
}
