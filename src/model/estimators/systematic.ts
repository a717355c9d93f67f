import { type RandomKey, uniform } from '../../random.ts';
import type { DrawnCell } from '../model.ts';
import type { Estimator } from './estimator.ts';
import { hilbertOrder } from './hilbert-order.ts';
import { isAlone } from './is-alone.ts';
import { largest } from './largest.ts';
import { pick } from './pick.ts';
import type { Shares } from './quantise.ts';

/**
 * A certainty stratum, then systematic sampling with probability proportional to attention along a Hilbert curve.
 *
 * Cells whose inclusion probability πᵢ = n·aᵢ/Σa would reach 1 are taken with certainty, and the n places left are drawn
 * from the rest, until none is left to reach it. The rest lies on the curve, each cell with a stretch of length πᵢ, and
 * one random start u in [0, 1) takes the cells under u, u + 1, …, u + n − 1. The coefficient is cᵢ = 1/πᵢ, the form linear.
 *
 * Unbiased for Σ a·f and its gradients. Places spread over the scene as the attention does, so that features which
 * change slowly over it cancel: far less variance than independent draws, and none at all where attention is as good as
 * in the N largest cells. Weights sum to 1 in every draw. A draw of N does not extend a smaller one.
 *
 * Variance: no unbiased estimate exists from one start, since many pairs of cells are never drawn together. This one
 * takes differences between places that follow each other on the curve, as if the places were drawn by pairs
 * (`docs/estimators.md` tells how often its intervals hold).
 * Cost: the curve and two passes over K cells; one random number.
 */
export const systematic: Estimator = {
  form: 'linear',
  cells: (shares, { patches, key }) => systematicAt(shares, patches, start(key)),
  variance(cells, contributions) {
    if (isAlone(cells)) return Number.POSITIVE_INFINITY;
    const [weights, estimate] = [sum(cells.map(weightOf)), sum(contributions)];
    const places = cells.flatMap((cell, i) =>
      cell.coefficient > 1
        ? [
            {
              left: 1 - 1 / cell.coefficient,
              residual: (contributions[i] as number) - (weightOf(cell) / weights) * estimate,
            },
          ]
        : [],
    );
    const [only] = places;
    if (places.length < 2) return only ? only.left * only.residual ** 2 : 0;
    const differences = places.slice(1).map(({ left, residual }, i) => {
      const before = places[i] as (typeof places)[number]; // i counts from the second place
      return ((left + before.left) / 2) * (residual - before.residual) ** 2;
    });
    return (places.length / (2 * (places.length - 1))) * sum(differences);
  },
};

/** The draw of a given start: certain cells first, in descending order of attention, then the others along the curve. */
export function systematicAt(shares: Shares, patches: number, start: number): DrawnCell[] {
  const { units, total, width, height } = shares;
  const rest = units.slice();
  const certain: DrawnCell[] = [];
  let left = total;
  for (const cell of largest(units, patches, 0)) {
    const share = units[cell] as number;
    if ((patches - certain.length) * share < left) break;
    certain.push({ cell, attention: share / total, coefficient: 1 });
    rest[cell] = 0;
    left -= share;
  }
  const places = left > 0 ? patches - certain.length : 0;
  const points = Array.from({ length: places }, (_, k) => ((start + k) * left) / places);
  const sampled = pick(rest, points, places > 0 ? hilbertOrder(width, height) : []).map((cell): DrawnCell => {
    const share = units[cell] as number;
    return { cell, attention: share / total, coefficient: left / (places * share) };
  });
  return [...certain, ...sampled];
}

/** In [0, 1), with 52 bits: a share of 32 bits would keep small cells from their due. */
function start(key: RandomKey): number {
  return Math.floor(uniform(key, 0) * 2 ** 32) / 2 ** 32 + Math.floor(uniform(key, 1) * 2 ** 20) / 2 ** 52;
}

function weightOf({ coefficient, attention }: DrawnCell): number {
  return coefficient * attention;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
