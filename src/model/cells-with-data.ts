import type { Raster } from '../scene.ts';
import type { AxisGeometry, GridGeometry } from './geometry.ts';

/**
 * Decides which cells of an attention grid there is anything to see in: those with a pixel that has data in the square
 * of stride × stride around their centre, which is theirs alone.
 * @returns [h·w] row by row, 1 for a cell with data, else 0
 */
export function cellsWithData({ x, y }: GridGeometry, { valid, width, height }: Raster): Uint8Array {
  const cells = new Uint8Array(x.cells * y.cells);
  if (valid === undefined) return cells.fill(1);
  const columns = new Uint8Array(width); // 1 where any line of a row of cells has data
  for (let row = 0; row < y.cells; row += 1) {
    const [top, bottom] = extent(y, row, height);
    columns.fill(0);
    for (let line = top; line < bottom; line += 1)
      for (let i = 0; i < width; i += 1) columns[i] = (columns[i] as number) | (valid[line * width + i] as number);
    for (let column = 0; column < x.cells; column += 1)
      cells[row * x.cells + column] = columns.subarray(...extent(x, column, width)).includes(1) ? 1 : 0;
  }
  return cells;
}

/** The pixels that a cell's square touches, first and behind the last. */
function extent({ offset, stride }: AxisGeometry, cell: number, pixels: number): [number, number] {
  const start = offset + (cell - 0.5) * stride;
  return [Math.max(Math.floor(start), 0), Math.min(Math.ceil(start + stride), pixels)];
}
