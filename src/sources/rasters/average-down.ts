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
  const sums = new Float64Array(bands);
  await rowByRow(height, signal, (y) => {
    for (let x = 0; x < width; x += 1) {
      const pixels = addUp(raster, x * factor, y * factor, factor, sums);
      const at = y * width + x;
      if (valid) valid[at] = pixels > 0 ? 1 : 0;
      for (let band = 0; band < bands; band += 1) {
        const mean = (sums[band] as number) / Math.max(pixels, 1);
        means[at * bands + band] = whole ? Math.round(mean) : mean;
      }
    }
  });
  return { data: means, width, height, bands, ...(valid?.includes(0) && { valid }) };
}

/**
 * Sums up the pixels with data of a square that may reach over the border, band by band.
 * @returns how many there are
 */
function addUp(raster: Raster, left: number, top: number, side: number, sums: Float64Array): number {
  const { data, valid, width, height, bands } = raster;
  const [right, bottom] = [Math.min(left + side, width), Math.min(top + side, height)];
  sums.fill(0);
  let pixels = 0;
  for (let y = top; y < bottom; y += 1) {
    for (let pixel = y * width + left; pixel < y * width + right; pixel += 1) {
      if (valid?.[pixel] === 0) continue;
      pixels += 1;
      for (let band = 0; band < bands; band += 1)
        sums[band] = (sums[band] as number) + (data[pixel * bands + band] as number);
    }
  }
  return pixels;
}
