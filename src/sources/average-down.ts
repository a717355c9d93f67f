import type { Raster } from '../scene.ts';

/**
 * Makes a coarser raster, each pixel the mean of a square of finer ones, as overviews by averaging are made: by one
 * prime factor after another, rounded to the samples' own type each time, sizes rounded up, and squares cut off at the
 * right and lower border averaged over the pixels that they have. Pixels without data do not count; a square of nothing
 * else has none itself.
 * @param factor whole, ≥ 1; 1 gives the raster itself
 */
export function averageDown(raster: Raster, factor: number): Raster {
  if (factor === 1) return raster;
  const prime = smallestDivisor(factor);
  return averageDown(averageOnce(raster, prime), factor / prime);
}

function smallestDivisor(n: number): number {
  for (let d = 2; d * d <= n; d += 1) if (n % d === 0) return d;
  return n;
}

function averageOnce(raster: Raster, factor: number): Raster {
  const { data, bands } = raster;
  const [width, height] = [Math.ceil(raster.width / factor), Math.ceil(raster.height / factor)];
  const whole = !(data instanceof Float32Array || data instanceof Float64Array);
  const means = data.slice(0, width * height * bands);
  const valid = raster.valid && new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const square = pixelsOf(raster, x * factor, y * factor, factor);
      if (valid) valid[y * width + x] = square.length > 0 ? 1 : 0;
      for (let band = 0; band < bands; band += 1) {
        let sum = 0;
        for (const pixel of square) sum += data[pixel * bands + band] as number;
        const mean = sum / Math.max(square.length, 1);
        means[(y * width + x) * bands + band] = whole ? Math.round(mean) : mean;
      }
    }
  }
  return { data: means, width, height, bands, ...(valid?.includes(0) && { valid }) };
}

/** Indices of the pixels with data of a square that may reach over the border. */
function pixelsOf({ width, height, valid }: Raster, left: number, top: number, side: number): number[] {
  const pixels: number[] = [];
  for (let y = top; y < Math.min(top + side, height); y += 1)
    for (let x = left; x < Math.min(left + side, width); x += 1)
      if (valid?.[y * width + x] !== 0) pixels.push(y * width + x);
  return pixels;
}
