import * as tf from '@tensorflow/tfjs-core';
import type { Raster } from '../scene.ts';
import type { Manifest } from './manifest.ts';

/**
 * What a network sees of rasters of one size: each band's `sample · scale + offset`.
 * @returns [rasters, height, width, bands]
 */
export function pixels(rasters: readonly Raster[], bands: Manifest['bands']): tf.Tensor4D {
  const { width, height, bands: count } = rasters[0] as Raster;
  const samples = new Float32Array(rasters.length * width * height * count);
  rasters.forEach((raster, index) => {
    samples.set(raster.data, index * width * height * count);
  });
  return tf.tidy(() => {
    const scale = tf.tensor1d(bands.map((band) => band.scale));
    const offset = tf.tensor1d(bands.map((band) => band.offset));
    return tf.add(tf.mul(tf.tensor4d(samples, [rasters.length, height, width, count]), scale), offset);
  });
}

/**
 * The same, mirrored outwards at each side.
 * @returns [rasters, height + 2·border.y, width + 2·border.x, bands]
 */
export function mirroredPixels(
  rasters: readonly Raster[],
  bands: Manifest['bands'],
  { x, y }: { readonly x: number; readonly y: number },
): tf.Tensor4D {
  return tf.tidy(() =>
    tf.mirrorPad(
      pixels(rasters, bands),
      [
        [0, 0],
        [y, y],
        [x, x],
        [0, 0],
      ],
      'reflect',
    ),
  );
}
