import type { PixelArray, Raster } from '../../scene.ts';
import { rowByRow } from './row-by-row.ts';

/** A raster of some of another's bands, in the order given; the raster itself where it is so already. */
export async function pickBands(raster: Raster, chosen: readonly number[], signal: AbortSignal): Promise<Raster> {
  const { data, width, height, bands } = raster;
  if (chosen.length === bands && chosen.every((band, i) => band === i)) return raster;
  const SampleArray = data.constructor as new (length: number) => PixelArray; // TypeScript does not know who made it
  const picked = new SampleArray(width * height * chosen.length);
  await rowByRow(height, signal, (row) => {
    let target = row * width * chosen.length;
    for (let pixel = row * width; pixel < (row + 1) * width; pixel += 1)
      for (const band of chosen) picked[target++] = data[pixel * bands + band] as number;
  });
  return { ...raster, data: picked, bands: chosen.length };
}
