import type { Raster } from '../../scene.ts';
import { rowByRow } from './row-by-row.ts';

/**
 * Makes a coarser raster, each pixel the mean of a square of finer ones, as overviews by averaging are made: by one
 * prime factor after another, rounded to the samples' own type each time, sizes rounded up, and squares cut off at the
 * right and lower border averaged over the pixels that they have. Pixels without data do not count; a square of nothing
 * else has none itself.
 * @param factor whole, ≥ 1; 1 gives the raster itself
 */
export async function averageDown(raster: Raster, factor: number, signal: AbortSignal): Promise<Raster> {
  if (factor === 1) return raster;
  const prime = smallestDivisor(factor);
  return averageDown(await averageOnce(raster, prime, signal), factor / prime, signal);
}

function smallestDivisor(n: number): number {
  for (let d = 2; d * d <= n; d += 1) if (n % d === 0) return d;
  return n;
}

async function averageOnce(raster: Raster, factor: number, signal: AbortSignal): Promise<Raster> {
  const { data, bands } = raster;
  const [width, height] = [Math.ceil(raster.width / factor), Math.ceil(raster.height / factor)];
  const whole = !(data instanceof Float32Array || data instanceof Float64Array);
  const means = data.slice(0, width * height * bands);
  const valid = raster.valid && new Uint8Array(width * height);
  const [sums, pixels] = [new Float64Array(width * bands), new Uint32Array(width)]; // of one row
  await rowByRow(height, signal, (y) => {
    sums.fill(0);
    pixels.fill(0);
    const bottom = Math.min((y + 1) * factor, raster.height);
    for (let row = y * factor; row < bottom; row += 1) addRow(raster, row, { factor, sums, pixels });
    for (let x = 0; x < width; x += 1) {
      const [at, count] = [y * width + x, pixels[x] as number];
      if (valid) valid[at] = count > 0 ? 1 : 0;
      for (let band = 0; band < bands; band += 1) {
        const mean = (sums[x * bands + band] as number) / Math.max(count, 1);
        means[at * bands + band] = whole ? Math.round(mean) : mean;
      }
    }
  });
  return { data: means, width, height, bands, ...(valid?.includes(0) && { valid }) };
}

type RowOfSums = { readonly factor: number; readonly sums: Float64Array; readonly pixels: Uint32Array };

/** Adds the pixels with data of one fine row to the sums of a coarse one, `factor` to each, and counts them. */
function addRow({ data, valid, width, bands }: Raster, row: number, { factor, sums, pixels }: RowOfSums): void {
  let from = row * width;
  const end = from + width;
  for (let x = 0; from < end; x += 1) {
    const right = Math.min(from + factor, end); // the last one may reach over the border
    for (; from < right; from += 1) {
      if (valid !== undefined && valid[from] === 0) continue;
      pixels[x] = (pixels[x] as number) + 1;
      for (let band = 0; band < bands; band += 1)
        sums[x * bands + band] = (sums[x * bands + band] as number) + (data[from * bands + band] as number);
    }
  }
}
