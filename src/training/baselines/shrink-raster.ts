import type { Raster } from '../../scene.ts';

/**
 * A raster made smaller by area: each new pixel is the mean of what it covers, pixels that it covers in part counted in
 * part. Only pixels with data count, and a new pixel that covers none has none.
 * @param width at most the raster's, as is `height`
 */
export function shrinkRaster(raster: Raster, { width, height }: { width: number; height: number }): Raster {
  if (width === raster.width && height === raster.height) return raster;
  const { bands } = raster;
  const [columns, rows] = [covers(raster.width, width), covers(raster.height, height)];
  const data = new Float32Array(width * height * bands);
  const valid = raster.valid && new Uint8Array(width * height);
  rows.forEach((row, y) => {
    columns.forEach((column, x) => {
      const weight = addUp(
        raster,
        { row, column },
        data.subarray((y * width + x) * bands, (y * width + x + 1) * bands),
      );
      if (valid && weight > 0) valid[y * width + x] = 1;
    });
  });
  return { data, width, height, bands, ...(valid && { valid }) };
}

/** The old pixels that one new pixel covers along an axis, and how much of each. */
type Cover = readonly { readonly at: number; readonly share: number }[];

function covers(from: number, to: number): Cover[] {
  return Array.from({ length: to }, (_, i) => {
    const [start, end] = [(i * from) / to, ((i + 1) * from) / to];
    const first = Math.floor(start);
    return Array.from({ length: Math.min(Math.ceil(end), from) - first }, (_, n) => {
      const at = first + n;
      return { at, share: Math.min(end, at + 1) - Math.max(start, at) };
    });
  });
}

/** Puts the weighted mean of each band into `mean`; returns the weight of what had data. */
function addUp(raster: Raster, { row, column }: { row: Cover; column: Cover }, mean: Float32Array): number {
  let weight = 0;
  for (const y of row) {
    for (const x of column) {
      const pixel = y.at * raster.width + x.at;
      if (raster.valid && !raster.valid[pixel]) continue;
      const share = x.share * y.share;
      weight += share;
      for (let band = 0; band < raster.bands; band += 1)
        mean[band] = (mean[band] as number) + share * (raster.data[pixel * raster.bands + band] as number);
    }
  }
  for (let band = 0; weight > 0 && band < mean.length; band += 1) mean[band] = (mean[band] as number) / weight;
  return weight;
}
