import type { Raster } from '../scene.ts';

/** The first `count` bands of a raster: a fourth band is infrared or transparency as often as not, and nobody asked. */
export function firstBands(raster: Raster, count: number): Raster {
  const { data, width, height, bands } = raster;
  if (bands === count) return raster;
  const kept = data.slice(0, width * height * count);
  for (let pixel = 0; pixel < width * height; pixel += 1)
    for (let band = 0; band < count; band += 1) kept[pixel * count + band] = data[pixel * bands + band] as number;
  return { data: kept, width, height, bands: count };
}
