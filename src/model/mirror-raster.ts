import type { Raster } from '../scene.ts';

/** How many pixels a raster is mirrored outwards at each side: fewer than it has. */
export type Border = { readonly x: number; readonly y: number };

/**
 * A raster mirrored outwards at each side, the pixels at its border not repeated; all of it or some rows, of which the
 * first is counted from the top of the mirrored whole.
 */
export function mirrorRaster(
  { data, valid, width, height, bands }: Raster,
  border: Border,
  rows = { start: 0, pixels: height + 2 * border.y },
): Raster {
  const lines = Array.from({ length: rows.pixels }, (_, row) => inside(rows.start + row - border.y, height));
  return {
    data: mirrorRows(data, { lines, width, bands, border: border.x }),
    width: width + 2 * border.x,
    height: rows.pixels,
    bands,
    ...(valid && { valid: mirrorRows(valid, { lines, width, bands: 1, border: border.x }) }),
  };
}

/** The row that is seen at a position at most one height outside. */
function inside(row: number, height: number): number {
  return row < 0 ? -row : row >= height ? 2 * (height - 1) - row : row;
}

type Rows = { lines: readonly number[]; width: number; bands: number; border: number };

function mirrorRows<T extends Raster['data']>(values: T, { lines, width, bands, border }: Rows): T {
  const wide = width + 2 * border;
  const SampleArray = values.constructor as new (length: number) => T; // TypeScript does not know who made it
  const mirrored = new SampleArray(lines.length * wide * bands);
  lines.forEach((line, row) => {
    const target = mirrored.subarray(row * wide * bands, (row + 1) * wide * bands);
    target.set(values.subarray(line * width * bands, (line + 1) * width * bands), border * bands);
    const copy = (to: number, from: number) => target.copyWithin(to * bands, from * bands, (from + 1) * bands);
    for (let i = 1; i <= border; i += 1) {
      copy(border - i, border + i);
      copy(border + width - 1 + i, border + width - 1 - i);
    }
  });
  return mirrored;
}
