import * as tf from '@tensorflow/tfjs-core';
import type { Raster } from '../scene.ts';
import type { Manifest } from './manifest.ts';

/**
 * What a network sees of rasters of one size: each band's `sample · scale + offset`, and 0 where there is no data.
 * @returns [rasters, height, width, bands]
 */
export function pixels(rasters: readonly Raster[], bands: Manifest['bands']): tf.Tensor4D {
  const { width, height, bands: count } = rasters[0] as Raster;
  const samples = new Float32Array(rasters.length * width * height * count);
  rasters.forEach((raster, index) => {
    const shown = samples.subarray(index * width * height * count);
    shown.set(raster.data);
    clearGarbage(shown, raster);
  });
  return tf.tidy(() => {
    const scale = tf.tensor1d(bands.map((band) => band.scale));
    const offset = tf.tensor1d(bands.map((band) => band.offset));
    const seen: tf.Tensor4D = tf.add(
      tf.mul(tf.tensor4d(samples, [rasters.length, height, width, count]), scale),
      offset,
    );
    return rasters.some(({ valid }) => valid) ? tf.mul(seen, validity(rasters)) : seen;
  });
}

/** A pixel without data may hold anything, NaN too, of which nothing times 0 makes a 0. */
function clearGarbage(samples: Float32Array, { bands, valid }: Raster): void {
  valid?.forEach((has, pixel) => {
    if (has === 0) samples.fill(0, pixel * bands, (pixel + 1) * bands);
  });
}

/** [rasters, height, width, 1], 1 where there is data, else 0. */
function validity(rasters: readonly Raster[]): tf.Tensor4D {
  const { width, height } = rasters[0] as Raster;
  const valid = new Float32Array(rasters.length * width * height).fill(1);
  rasters.forEach((raster, index) => {
    if (raster.valid) valid.set(raster.valid, index * width * height);
  });
  return tf.tensor4d(valid, [rasters.length, height, width, 1]);
}
