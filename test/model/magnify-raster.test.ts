import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useBackend } from '../../src/model/backend.ts';
import { magnifyRaster } from '../../src/model/magnify-raster.ts';
import { randomKey, uniform } from '../../src/random.ts';
import type { Raster } from '../../src/scene.ts';

const noise = (length: number, most = 256) => Array.from({ length }, (_, i) => uniform(randomKey('magnify'), i) * most);
const floats = (width: number, height: number, bands: number): Raster => ({
  data: Float32Array.from(noise(width * height * bands)),
  ...{ width, height, bands },
});

describe('magnifyRaster', () => {
  beforeAll(() => useBackend('wasm'));

  it('gives a raster itself for a magnification of 1', () => {
    const raster = floats(5, 4, 3);
    expect(magnifyRaster(raster, 1)).toBe(raster);
  });

  it.each([
    [7, 5, 1.25],
    [16, 9, 1.5],
    [10, 10, 2],
    [6, 11, 3.3],
    [1, 3, 4],
  ])('gives what bilinear resizing of TensorFlow gives: %i × %i by %f', (width, height, magnification) => {
    const raster = floats(width, height, 3);
    const magnified = magnifyRaster(raster, magnification);
    const size: [number, number] = [Math.round(height * magnification), Math.round(width * magnification)];
    const expected = tf.tidy(() =>
      tf.image
        .resizeBilinear(tf.tensor3d(raster.data as Float32Array, [height, width, 3]), size, false, true)
        .dataSync(),
    );
    expect([magnified.height, magnified.width]).toEqual(size);
    expect(magnified.data).toBeInstanceOf(Float32Array);
    expect(magnified.data).toHaveLength(expected.length);
    for (const [i, sample] of expected.entries()) expect(magnified.data[i]).toBeCloseTo(sample, 3);
  });

  it.each([Uint8Array, Uint16Array, Int16Array])('rounds to the type of its samples', (Samples) => {
    const data = Samples.from(noise(48, 200).map((sample) => (Samples === Int16Array ? sample - 100 : sample)));
    const [raster, exact] = [data, Float64Array.from(data)].map((samples) =>
      magnifyRaster({ data: samples, width: 8, height: 6, bands: 1 }, 1.5),
    ) as [Raster, Raster];
    expect(raster.data).toBeInstanceOf(Samples);
    expect(Array.from(raster.data)).toEqual(Array.from(exact.data, (sample) => Math.round(sample) + 0));
  });

  it('shows nothing of a pixel without data, and has data wherever the nearest pixel has', () => {
    const [width, height, magnification] = [9, 7, 1.75];
    const valid = Uint8Array.from(noise(width * height, 1), (chance) => (chance < 0.6 ? 1 : 0));
    const data = Float32Array.from(valid, (has, i) => (has ? 1 + (i % 3) : Number.NaN));
    const magnified = magnifyRaster({ data, valid, width, height, bands: 1 }, magnification);
    const near = (i: number, of: number, pixels: number) => Math.round(((i + 0.5) * of) / pixels - 0.5 + 1e-9);
    for (let row = 0, at = 0; row < magnified.height; row += 1)
      for (let column = 0; column < magnified.width; column += 1, at += 1) {
        const nearest = near(row, height, magnified.height) * width + near(column, width, magnified.width);
        expect(magnified.valid?.[at]).toBe(valid[nearest]);
        if (valid[nearest]) expect(magnified.data[at]).toSatisfy((sample: number) => sample >= 1 && sample <= 3);
      }
  });
});
