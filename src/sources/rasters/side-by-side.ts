import type { PixelArray, Raster } from '../../scene.ts';
import { rowByRow } from './row-by-row.ts';

/**
 * Rasters of one size and one kind of samples as one, its bands theirs in order. As in a file that holds them all, a
 * pixel has data where any band has, and a band of floats that has none leaves no pixel of use.
 */
export async function sideBySide(rasters: readonly [Raster, ...Raster[]], signal: AbortSignal): Promise<Raster> {
  const [{ data: first, width, height }] = rasters;
  const bands = rasters.reduce((sum, raster) => sum + raster.bands, 0);
  const data = new (first.constructor as SampleArray)(width * height * bands); // TypeScript does not know who made it
  const floats = first instanceof Float32Array || first instanceof Float64Array;
  const everywhere = rasters.some(({ valid }) => valid === undefined);
  const valid = floats ? rasters.some((raster) => raster.valid) : !everywhere;
  const marks = valid ? new Uint8Array(width * height) : undefined;
  await rowByRow(height, signal, (row) => {
    for (let pixel = row * width; pixel < (row + 1) * width; pixel += 1) {
      let target = pixel * bands;
      for (const raster of rasters)
        for (let band = 0; band < raster.bands; band += 1)
          data[target++] = raster.data[pixel * raster.bands + band] as number;
      if (marks) marks[pixel] = hasData(rasters, pixel, floats) ? 1 : 0;
    }
  });
  return { data, width, height, bands, ...(marks?.includes(0) && { valid: marks }) };
}

type SampleArray = new (length: number) => PixelArray;

function hasData(rasters: readonly Raster[], pixel: number, all: boolean): boolean {
  const has = ({ valid }: Raster) => valid?.[pixel] !== 0;
  return all ? rasters.every(has) : rasters.some(has);
}
