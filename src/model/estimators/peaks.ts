import type { DrawnCell } from '../model.ts';
import type { Estimator } from './estimator.ts';
import { largest } from './largest.ts';
import type { Shares } from './quantise.ts';

/**
 * The N strongest places of which no two patches overlap: the cell with the most attention, then the one with the most
 * among those whose patches have no pixel in common with it (but for patches that a border shifts inwards), and so on.
 * Each counts for all the attention that it keeps others from standing for. No chance plays a part.
 *
 * Biased as `top` is, but `top` may spend all its places on one object, whose neighbouring cells see the same. In
 * training it is no use for the same reason.
 *
 * Variance: 0 by the draw, which says nothing of its error.
 * Cost: a pass for each place.
 */
export const peaks: Estimator = {
  form: 'normalised',
  cells: (shares, { patches }) => [...peaksOf(shares, patches)],
  variance: () => 0,
};

function* peaksOf({ units, total, width, height, reach }: Shares, patches: number): Generator<DrawnCell> {
  const left = Float64Array.from(units);
  for (let n = 0; n < patches; n += 1) {
    const [cell] = largest(left, 1, 0);
    if (cell === undefined) return;
    const own = units[cell] as number;
    const around = takeAround(left, cell, { width, height, reach });
    yield { cell, attention: own / total, coefficient: around / own };
  }
}

/** @returns the sum of what was left around a cell; nothing is left of it afterwards */
function takeAround(
  left: Float64Array,
  cell: number,
  { width, height, reach }: Pick<Shares, 'width' | 'height' | 'reach'>,
) {
  const [column, row] = [cell % width, Math.floor(cell / width)];
  let sum = 0;
  for (let y = Math.max(0, row - reach.y + 1); y < Math.min(height, row + reach.y); y += 1)
    for (let x = Math.max(0, column - reach.x + 1); x < Math.min(width, column + reach.x); x += 1) {
      sum += left[y * width + x] as number;
      left[y * width + x] = 0;
    }
  return sum;
}
