import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { pixels } from '../../src/model/pixels.ts';
import type { PixelArray } from '../../src/scene.ts';

const band = (scale: number, offset: number) => ({ name: 'grey', scale, offset });
const seen = (data: PixelArray, scale: number, offset: number, valid?: Uint8Array) => {
  const raster = { data, width: data.length, height: 1, bands: 1 };
  return Array.from(pixels([valid ? { ...raster, valid } : raster], [band(scale, offset)]).dataSync());
};

describe('pixels', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it.each([
    ['u8', Uint8Array.of(0, 51, 255), 1 / 255, 0],
    ['u16', Uint16Array.of(0, 12_000, 60_000), 1 / 60_000, 0],
    ['i16', Int16Array.of(-30_000, -18_000, 30_000), 1 / 60_000, 0.5],
    ['u32', Uint32Array.of(1e9, 1.4e9, 3e9), 0.5e-9, -0.5],
    ['f32', Float32Array.of(-40, -20, 60), 0.01, 0.4],
    ['f64', Float64Array.of(-40, -20, 60), 0.01, 0.4],
  ])('shows a network the same of %s samples, by scale and offset', (_, data, scale, offset) => {
    const [low, middle, high] = seen(data, scale, offset);
    expect(low).toBeCloseTo(0, 6);
    expect(middle).toBeCloseTo(0.2, 6);
    expect(high).toBeCloseTo(1, 6);
  });

  it.each([
    [0.5, ['0.00000', '0.10000', '0.50000', '1.00000', '-0.10000']],
    [2, ['0.00000', '0.00010', '0.06250', '1.00000', '-0.00010']],
  ])('corrects samples by a gamma of %d, which leaves black and white where they are', (exponent, wanted) => {
    const raster = { data: Float32Array.of(0, 2.55, 63.75, 255, -2.55), width: 5, height: 1, bands: 1 };
    const corrected = pixels([raster], [{ ...band(1 / 255, 0), gamma: { exponent, white: 255 } }]).dataSync();
    expect(Array.from(corrected, (value) => value.toFixed(5))).toEqual(wanted);
  });

  it.each([undefined, { exponent: 0.5, white: 255 }, { exponent: 1.7, white: 200 }])(
    'shows every byte as exactly what it is as a number of 32 bits, corrected by %o or not',
    (gamma) => {
      const bytes = Uint8Array.from({ length: 256 * 3 }, (_, i) => (i * 7) % 256);
      const bands = [band(1 / 127.5, -1), band(0.0078431, 0.3), band(3, 0)].map((one) => ({ ...one, gamma }));
      const shown = (data: PixelArray) => pixels([{ data, width: 16, height: 16, bands: 3 }], bands).dataSync();
      expect(shown(bytes)).toEqual(shown(Float32Array.from(bytes)));
    },
  );

  it('shows 0 where there are no data, whatever the samples and the offset', () => {
    const valid = Uint8Array.of(1, 0, 0);
    expect(seen(Float32Array.of(1, Number.NaN, -9999), 2, 0.5, valid)).toEqual([2.5, 0, 0]);
  });

  it('scales each band on its own, and lays rasters behind each other', () => {
    const raster = { data: Uint8Array.of(1, 2), width: 1, height: 1, bands: 2 };
    const both = pixels([raster, { ...raster, valid: Uint8Array.of(0) }], [band(1, 0), band(10, 1)]);
    expect(both.shape).toEqual([2, 1, 1, 2]);
    expect(Array.from(both.dataSync())).toEqual([1, 21, 0, 0]);
  });
});
