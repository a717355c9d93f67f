import * as tf from '@tensorflow/tfjs-core';
import type { Raster } from '../scene.ts';
import type { Manifest } from './manifest.ts';

/**
 * What a network sees of rasters of one size: each band's `sample · scale + offset`, behind its gamma correction if it has
 * one, and 0 where there is no data.
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
    if (band.gamma) correct(shown, band.gamma, { first, each: bands.length });
    const [scale, offset] = [Math.fround(band.scale), Math.fround(band.offset)];
    for (let i = first; i < shown.length; i += bands.length)
      shown[i] = Math.fround((shown[i] as number) * scale) + offset;
  }
  if (valid === undefined) return;
  for (let pixel = 0; pixel < valid.length; pixel += 1)
    if (valid[pixel] === 0) shown.fill(0, pixel * bands.length, (pixel + 1) * bands.length);
}

type Gamma = NonNullable<Manifest['bands'][number]['gamma']>;

/** One band; what is darker than black, as an augmentation may make it, is mirrored there. */
function correct(samples: Float32Array, gamma: Gamma, { first, each }: { first: number; each: number }): void {
  const { exponent, white } = gamma;
  // A root takes a tenth of the time of a power.
  const up = exponent === 0.5 ? Math.sqrt : (share: number) => share ** exponent;
  for (let i = first; i < samples.length; i += each) {
    const share = (samples[i] as number) / white;
    samples[i] = white * (share < 0 ? -up(-share) : up(share));
  }
}
