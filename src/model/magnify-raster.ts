import type { Raster } from '../scene.ts';

/**
 * A raster of more pixels over the same ground, each interpolated (bilinear) between the four that lie around its centre
 * and rounded to the samples' own type. Where one of the four has no data, it is what the nearest of them is.
 * @param magnification ≥ 1, of both sides, which are rounded to whole pixels; 1 gives the raster itself
 */
export function magnifyRaster(raster: Raster, magnification: number): Raster {
  if (magnification === 1) return raster;
  const { data, valid, bands } = raster;
  const columns = between(Math.round(raster.width * magnification), raster.width);
  const rows = between(Math.round(raster.height * magnification), raster.height);
  const [width, height] = [columns.first.length, rows.first.length];
  const SampleArray = data.constructor as new (length: number) => Raster['data']; // TypeScript does not know who made it
  const magnified = new SampleArray(width * height * bands);
  const whole = !(data instanceof Float32Array || data instanceof Float64Array);
  const stretched = rowStretcher(raster, columns);
  for (let row = 0, at = 0; row < height; row += 1) {
    const [upper, lower] = [stretched(rows.first[row] as number), stretched(rows.second[row] as number)];
    const share = rows.share[row] as number;
    for (let i = 0; i < upper.length; i += 1, at += 1) {
      const above = upper[i] as number;
      const sample = above + ((lower[i] as number) - above) * share;
      magnified[at] = whole ? Math.round(sample) : sample;
    }
  }
  const shown = { data: magnified, width, height, bands };
  return valid ? { ...shown, valid: mendGaps(shown, { ...raster, valid }, { columns, rows }) } : shown;
}

/** Of each pixel of a line: between which two of the shorter line it lies, and how far on from the first's centre to the second's. */
type Between = { readonly first: Int32Array; readonly second: Int32Array; readonly share: Float64Array };

function between(pixels: number, of: number): Between {
  const centres = Float64Array.from({ length: pixels }, (_, i) =>
    Math.min(Math.max(((i + 0.5) * of) / pixels - 0.5, 0), of - 1),
  );
  const first = Int32Array.from(centres, Math.floor);
  return {
    first,
    second: first.map((one) => Math.min(one + 1, of - 1)),
    share: centres.map((centre, i) => centre - (first[i] as number)),
  };
}

/** Rows as long as the magnified ones. They are asked for downwards, each many times: the last two are kept. */
function rowStretcher({ data, width, bands }: Raster, columns: Between): (row: number) => Float64Array {
  const kept: { row: number; samples: Float64Array }[] = [-1, -1].map((row) => ({
    row,
    samples: new Float64Array(columns.first.length * bands),
  }));
  return (row) => {
    const slot = kept[row % 2] as (typeof kept)[number];
    if (slot.row === row) return slot.samples;
    slot.row = row;
    const { samples } = slot;
    for (let column = 0, at = 0; column < columns.first.length; column += 1) {
      const share = columns.share[column] as number;
      const left = (row * width + (columns.first[column] as number)) * bands;
      const right = (row * width + (columns.second[column] as number)) * bands;
      for (let band = 0; band < bands; band += 1, at += 1) {
        const before = data[left + band] as number;
        samples[at] = before + ((data[right + band] as number) - before) * share;
      }
    }
    return samples;
  };
}

/** Copies the nearest pixel to wherever one of the four lacks data. @returns which pixels have data */
function mendGaps(
  { data, width, height, bands }: Raster,
  from: Raster & { readonly valid: Uint8Array },
  { columns, rows }: { readonly columns: Between; readonly rows: Between },
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
