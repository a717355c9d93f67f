import { closedForm } from '../../../bench/estimators/closed-form.ts';
import type { Shares } from '../../../src/model/estimators/quantise.ts';
import { inOrder } from '../../../src/model/estimators/without-replacement.ts';

/**
 * The gradient that the code published with the paper gives for draws without replacement, with respect to logits: for the
 * k-th cell drawn (from 0), ∂F̂/∂aₖ = (tₖ·mₖ/aₖ + Σ_{j<k} yⱼ − k·yₖ)/N, tₖ being the k-th ordered estimator and mₖ what was
 * left before it. Its forward pass is the mean of the tₖ, as is ours.
 */
export function referenceGradient({ units, total }: Shares, y: Float64Array, order: readonly number[]): Float64Array {
  const attention = units.map((share) => share / total);
  const byAttention = new Float64Array(units.length);
  let [before, left, seen] = [0, 1, 0];
  order.forEach((cell, k) => {
    const [a, own] = [attention[cell]!, y[cell]!];
    const t = before + left * own;
    byAttention[cell] = ((t * left) / a + seen - k * own) / order.length;
    before += a * own;
    left -= a;
    seen += own;
  });
  const along = byAttention.reduce((sum, slope, cell) => sum + slope * attention[cell]!, 0);
  return attention.map((a, cell) => a * (byAttention[cell]! - along));
}

/** Ours, of the same draw. */
export function ourGradient(shares: Shares, y: Float64Array, order: readonly number[]): Float64Array {
  const attention = shares.units.map((share) => share / shares.total);
  return closedForm(attention, y, { cells: inOrder(shares, order), form: 'linear' }).logits;
}
