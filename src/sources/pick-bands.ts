import type { PixelArray, Raster } from '../scene.ts';

/** A raster of some of another's bands, in the order given. */
export function pickBands(raster: Raster, chosen: readonly number[]): Raster {
  const { data, width, height, bands } = raster;
  if (chosen.length === bands && chosen.every((band, i) => band === i)) return raster;
  const SampleArray = data.constructor as new (length: number) => PixelArray; // TypeScript does not know who made it
  const picked = new SampleArray(width * height * chosen.length);
  for (let pixel = 0; pixel < width * height; pixel += 1)
    for (const [i, band] of chosen.entries()) picked[pixel * chosen.length + i] = data[pixel * bands + band] as number;
  return { ...raster, data: picked, bands: chosen.length };
}
