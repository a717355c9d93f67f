import type { Window } from '../../scene.ts';

/**
 * A slowly varying quantity over a window, computed at every eighth pixel and interpolated linearly between. The
 * lattice is that of the scene, not of the window, so neighbouring windows agree.
 */
export type Field = {
  /** The values along row `y` of the window (counted from its top), one for each of its pixels. */
  row(y: number, into: Float32Array): void;
  readonly least: number;
  readonly most: number;
};

/** Pixels between two lattice points. */
const SPACING = 8;

export function field({ x, y, width, height }: Window, at: (x: number, y: number) => number): Field {
  const [left, top] = [Math.floor(x / SPACING), Math.floor(y / SPACING)];
  const columns = Math.floor((x + width - 1) / SPACING) - left + 2;
  const rows = Math.floor((y + height - 1) / SPACING) - top + 2;
  const lattice = new Float32Array(columns * rows);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      lattice[row * columns + column] = at((left + column) * SPACING, (top + row) * SPACING);
    }
  }
  const line = new Float32Array(columns);
  return {
    row(offset, into) {
      const exact = (y + offset) / SPACING - top;
      const upper = Math.floor(exact);
      for (let column = 0; column < columns; column += 1) {
        const a = lattice[upper * columns + column] as number;
        const b = lattice[(upper + 1) * columns + column] as number;
        line[column] = a + (b - a) * (exact - upper);
      }
      for (let i = 0; i < width; i += 1) {
        const position = (x + i) / SPACING - left;
        const column = Math.floor(position);
        const a = line[column] as number;
        into[i] = a + ((line[column + 1] as number) - a) * (position - column);
      }
    },
    least: lattice.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
    most: lattice.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
  };
}
