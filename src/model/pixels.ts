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
  const each = bands.length;
  if (data instanceof Uint8Array) showBytes(data, bands, shown);
  else {
    shown.set(data);
    for (const [first, band] of bands.entries()) convert(shown, band, { first, each });
  }
  if (valid === undefined) return;
  for (let pixel = 0; pixel < valid.length; pixel += 1)
    if (valid[pixel] === 0) shown.fill(0, pixel * each, (pixel + 1) * each);
}

/** There are 256 of them: what each is seen as is told once a band, and looked up. */
function showBytes(data: Uint8Array, bands: Manifest['bands'], shown: Float32Array): void {
  for (const [first, band] of bands.entries()) {
    const seen = Float32Array.from({ length: 256 }, (_, byte) => byte);
    convert(seen, band, { first: 0, each: 1 });
    for (let i = first; i < shown.length; i += bands.length) shown[i] = seen[data[i] as number] as number;
  }
}

type Band = Manifest['bands'][number];
/** Where the samples of one band lie among those of all. */
type Among = { readonly first: number; readonly each: number };

function convert(samples: Float32Array, band: Band, { first, each }: Among): void {
  if (band.gamma) correct(samples, band.gamma, { first, each });
  const [scale, offset] = [Math.fround(band.scale), Math.fround(band.offset)];
  for (let i = first; i < samples.length; i += each) samples[i] = Math.fround((samples[i] as number) * scale) + offset;
}

/** What is darker than black, as an augmentation may make it, is mirrored there. */
function correct(samples: Float32Array, { exponent, white }: NonNullable<Band['gamma']>, { first, each }: Among): void {
  const isRoot = exponent === 0.5; // which takes a tenth of the time of a power
  for (let i = first; i < samples.length; i += each) {
    const share = (samples[i] as number) / white;
    const size = share < 0 ? -share : share;
    const corrected = white * (isRoot ? Math.sqrt(size) : size ** exponent);
    samples[i] = share < 0 ? -corrected : corrected;
  }
}
