import type { DrawnCell } from '../model.ts';
import type { Estimator } from './estimator.ts';
import { largest } from './largest.ts';
import type { Shares } from './quantise.ts';

/**
 * The N strongest places of which no two patches overlap: the cell with the most attention, then the one with the most
 * among those whose patches have no pixel in common with it (but for patches that a border shifts inwards, and for a
 * pixel where the overview's side is no whole share of the scene's), and so on.
 * Weighted by their attention, scaled to sum 1. No chance plays a part.
 *
 * Biased as `top` is, which may spend all its places on one object whose neighbouring cells see the same. No more use in
 * training than that. To count each place for all attention around it as well was tried: answers about road signs became
 * worse, since what is flat has more of it around than what is sharp.
 *
 * Variance: 0 by the draw, which says nothing of its error.
 * Cost: a pass for each place.
 */
export const peaks: Estimator = {
  form: 'normalised',
  cells: (shares, { patches }) => [...peaksOf(shares, patches)],
  variance: () => 0,
};

function* peaksOf(shares: Shares, patches: number): Generator<DrawnCell> {
  const { units, total } = shares;
  const open = Float64Array.from(units);
  for (let n = 0; n < patches; n += 1) {
    const [cell] = largest(open, 1, 0);
    if (cell === undefined) return;
    yield { cell, attention: (units[cell] as number) / total, coefficient: 1 };
    closeAround(open, cell, shares);
  }
}

function closeAround(open: Float64Array, cell: number, { width, height, reach }: Shares): void {
  const [column, row] = [cell % width, Math.floor(cell / width)];
  const [left, right] = [Math.max(0, column - reach.x + 1), Math.min(width, column + reach.x)];
  for (let y = Math.max(0, row - reach.y + 1); y < Math.min(height, row + reach.y); y += 1)
    open.fill(0, y * width + left, y * width + right);
}
