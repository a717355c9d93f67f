import type { Raster } from '../scene.ts';
import { type Axes, between, interpolate } from './interpolate.ts';

/**
 * A raster of more pixels over the same ground, each interpolated between the four that lie around its centre and rounded
 * to the samples' own type. Where one of the four has no data, it is what the nearest of them is.
 * @param magnification ≥ 1, of both sides, which are rounded to whole pixels; 1 gives the raster itself
 */
export function magnifyRaster(raster: Raster, magnification: number): Raster {
  if (magnification === 1) return raster;
  const { data, valid, bands } = raster;
  const axis = (of: number) => {
    const pixels = Math.round(of * magnification);
    return between(pixels, { start: 0, step: of / pixels, of });
  };
  const axes = { columns: axis(raster.width), rows: axis(raster.height) };
  const [width, height] = [axes.columns.share.length, axes.rows.share.length];
  const SampleArray = data.constructor as new (length: number) => Raster['data']; // TypeScript does not know who made it
  const shown = { data: new SampleArray(width * height * bands), width, height, bands };
  interpolate(raster, axes, shown.data);
  return valid ? { ...shown, valid: mendGaps(shown, { ...raster, valid }, axes) } : shown;
}

/** Copies the nearest pixel to wherever one of the four lacks data. @returns which pixels have data */
function mendGaps(
  { data, width, height, bands }: Raster,
  from: Raster & { readonly valid: Uint8Array },
  { columns, rows }: Axes,
): Uint8Array {
  const valid = new Uint8Array(width * height);
  const has = (pixel: number) => from.valid[pixel] as number;
  for (let row = 0, at = 0; row < height; row += 1) {
    const upper = (rows.first[row] as number) * from.width;
    const lower = (rows.second[row] as number) * from.width;
    const nearestRow = (rows.share[row] as number) < 0.5 ? upper : lower;
    for (let column = 0; column < width; column += 1, at += 1) {
      const [left, right] = [columns.first[column] as number, columns.second[column] as number];
      const nearest = nearestRow + ((columns.share[column] as number) < 0.5 ? left : right);
      valid[at] = has(nearest);
      if (has(upper + left) & has(upper + right) & has(lower + left) & has(lower + right)) continue;
      for (let band = 0; band < bands; band += 1) data[at * bands + band] = from.data[nearest * bands + band] as number;
    }
  }
  return valid;
}
