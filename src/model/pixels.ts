import * as tf from '@tensorflow/tfjs-core';
import type { Raster } from '../scene.ts';
import type { Manifest } from './manifest.ts';

/**
 * What a network sees of rasters of one size: each band's `sample · scale + offset`, and 0 where there is no data.
 * @returns [rasters, height, width, bands]
 */
export function pixels(rasters: readonly Raster[], bands: Manifest['bands']): tf.Tensor4D {
  const { width, height } = rasters[0] as Raster;
  const length = width * height * bands.length;
  const samples = new Float32Array(rasters.length * length);
  rasters.forEach((raster, index) => {
    show(raster, bands, samples.subarray(index * length, (index + 1) * length));
  });
  return tf.tensor4d(samples, [rasters.length, height, width, bands.length]);
}

/**
 * Here and not by operations of the backend, which take ten times as long over so few bands. Each of the two is rounded to
 * 32 bits, as a backend's are. A pixel without data may hold anything, NaN too.
 */
function show({ data, valid }: Raster, bands: Manifest['bands'], shown: Float32Array): void {
  shown.set(data);
  for (const [first, band] of bands.entries()) {
    const [scale, offset] = [Math.fround(band.scale), Math.fround(band.offset)];
    for (let i = first; i < shown.length; i += bands.length)
      shown[i] = Math.fround((shown[i] as number) * scale) + offset;
  }
  if (valid === undefined) return;
  for (let pixel = 0; pixel < valid.length; pixel += 1)
    if (valid[pixel] === 0) shown.fill(0, pixel * bands.length, (pixel + 1) * bands.length);
}
