import type { Raster } from '../scene.ts';

/**
 * Makes a coarser raster, each pixel the mean of a square of finer ones, as overviews by averaging are made: by one
 * prime factor after another, rounded to the samples' own type each time, sizes rounded up, and squares cut off at the
 * right and lower border averaged over the pixels that they have.
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

function averageOnce({ data, width, height, bands }: Raster, factor: number): Raster {
  const smaller = { width: Math.ceil(width / factor), height: Math.ceil(height / factor), bands };
  const whole = !(data instanceof Float32Array || data instanceof Float64Array);
  const means = data.slice(0, smaller.width * smaller.height * bands);
  let at = 0;
  for (let y = 0; y < smaller.height; y += 1) {
    const [top, bottom] = [y * factor, Math.min((y + 1) * factor, height)];
    for (let x = 0; x < smaller.width; x += 1) {
      const [left, right] = [x * factor, Math.min((x + 1) * factor, width)];
      for (let band = 0; band < bands; band += 1) {
        let sum = 0;
        for (let row = top; row < bottom; row += 1)
          for (let column = left; column < right; column += 1)
            sum += data[(row * width + column) * bands + band] as number;
        const mean = sum / ((bottom - top) * (right - left));
        means[at] = whole ? Math.round(mean) : mean;
        at += 1;
      }
    }
  }
  return { ...smaller, data: means };
}
