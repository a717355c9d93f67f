import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { pixels } from '../../../src/model/pixels.ts';
import { lightRaster } from '../../../src/training/augment/light-scene.ts';

const bands = [
  { name: 'red', scale: 1 / 127.5, offset: -1 },
  { name: 'near infrared', scale: 1 / 10_000, offset: 0.25 },
];

describe('lightRaster', () => {
  it('changes what the networks see to gain · x + offset, in every band', async () => {
    await tf.setBackend('cpu');
    const raster = { data: Uint16Array.of(0, 1000, 255, 9000), width: 2, height: 1, bands: 2 };
    const seen = (one: typeof raster | ReturnType<typeof lightRaster>) => Array.from(pixels([one], bands).dataSync());
    const lit = lightRaster(raster, bands, { exposure: 1, gain: 1.2, offset: -0.1 });
    const wanted = seen(raster).map((x) => 1.2 * x - 0.1);
    seen(lit).forEach((x, i) => {
      expect(x).toBeCloseTo(wanted[i] as number, 5);
    });
  });

  it('multiplies samples by the exposure before the networks see them', () => {
    const raster = { data: Uint16Array.of(0, 1000, 255, 9000), width: 2, height: 1, bands: 2 };
    const dark = lightRaster(raster, bands, { exposure: 0.25, gain: 1, offset: 0 });
    expect(Array.from(dark.data)).toEqual([0, 250, 63.75, 2250]);
  });

  it('leaves pixels without data without data', () => {
    const valid = Uint8Array.of(1, 0);
    const raster = { data: Uint16Array.of(1, 2, 3, 4), width: 2, height: 1, bands: 2, valid };
    expect(lightRaster(raster, bands, { exposure: 1, gain: 2, offset: 1 }).valid).toEqual(valid);
  });
});
