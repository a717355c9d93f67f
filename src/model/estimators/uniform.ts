import { uniform as randomNumber } from '../../random.ts';
import type { DrawnCell } from '../model.ts';
import type { Estimator } from './estimator.ts';
import { largest } from './largest.ts';
import type { Shares } from './quantise.ts';

/**
 * N of the K cells with attention, each as likely as any other whatever its attention, without replacement; cᵢ = K/N.
 *
 * Unbiased for Σ a·f and its gradients, with a variance beyond use where attention is sharp. With attention that is even
 * (`smoothing: 1`), it is the mean of N features drawn evenly: the baseline U-N of the paper (§ 4.1.1).
 *
 * Variance: of simple random sampling, (1 − N/K)·Σ (uᵢ − ū)²·N/(N−1); unbiased, for N ≥ 2.
 * Cost: a random number for each of K cells, and one pass for the largest.
 */
export const uniform: Estimator = {
  form: 'linear',
  cells(shares, { patches, key }) {
    const keys = shares.units.map((share, cell) => (share > 0 ? randomNumber(key, cell) : 0));
    return evenly(shares, largest(keys, patches, 0));
  },
  variance(cells, contributions) {
    const [places, coefficient] = [cells.length, cells[0]?.coefficient ?? 1];
    if (coefficient === 1) return 0;
    if (places < 2) return Number.POSITIVE_INFINITY;
    const mean = contributions.reduce((sum, u) => sum + u, 0) / places;
    const squares = contributions.reduce((sum, u) => sum + (u - mean) ** 2, 0);
    return ((1 - 1 / coefficient) * squares * places) / (places - 1);
  },
};

/** The draw of given cells, each as likely as any other with attention. */
export function evenly({ units, total }: Shares, cells: readonly number[]): DrawnCell[] {
  const coefficient = units.filter((share) => share > 0).length / cells.length;
  return cells.map((cell) => ({ cell, attention: (units[cell] as number) / total, coefficient }));
}
