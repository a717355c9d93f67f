import type { Raster } from '../scene.ts';

/**
 * A raster as a mirror shows it, left and right exchanged: column x shows what column `last − x` was. Where there is no such
 * column, it shows one from inside of the border, as far from it, as `mirrorRaster` does.
 * @param last the raster's last column, or one a little beside it, to move the mirror image along
 */
export function reflectRaster({ data, valid, width, height, bands }: Raster, last: number): Raster {
  const columns = Int32Array.from({ length: width }, (_, x) => inside(last - x, width));
  return {
    data: reflect(data, { columns, height, bands }),
    ...{ width, height, bands },
    ...(valid && { valid: reflect(valid, { columns, height, bands: 1 }) }),
  };
}

/** Of a raster that is narrower than what it lacks, its first column. */
function inside(column: number, width: number): number {
  const back = Math.abs(column);
  return back < width ? back : Math.max(2 * (width - 1) - back, 0);
}

type Lines = { readonly columns: Int32Array; readonly height: number; readonly bands: number };

function reflect<T extends Raster['data']>(values: T, { columns, height, bands }: Lines): T {
  const reflected = values.slice() as T; // slice() of a typed array is of its own type
  const width = columns.length;
  for (let row = 0, to = 0; row < height; row += 1) {
    for (let x = 0; x < width; x += 1) {
      const from = (row * width + (columns[x] as number)) * bands;
      for (let band = 0; band < bands; band += 1, to += 1) reflected[to] = values[from + band] as number;
    }
  }
  return reflected;
}
