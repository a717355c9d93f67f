/**
 * Finds the cells under points of the line on which each cell has a stretch as long as its weight, laid end to end.
 * @param points ascending, from 0 to the sum of the weights
 * @param order all cells, as they lie on the line
 * @returns a cell for each point; one at or behind the end takes the last cell with weight
 */
export function pick(weights: Float64Array, points: readonly number[], order: Iterable<number>): number[] {
  const picked: number[] = [];
  let [end, last] = [0, -1];
  for (const cell of order) {
    const weight = weights[cell] as number;
    if (!(weight > 0)) continue;
    end += weight;
    last = cell;
    while (picked.length < points.length && (points[picked.length] as number) < end) picked.push(cell);
    if (picked.length === points.length) return picked;
  }
  while (last >= 0 && picked.length < points.length) picked.push(last);
  return picked;
}
