import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { mirrorRaster } from '../../src/model/mirror-raster.ts';

const [width, height, bands] = [5, 4, 2];
const data = Uint8Array.from({ length: width * height * bands }, (_, i) => i * 3 + 1);
const valid = Uint8Array.from({ length: width * height }, (_, i) => (i % 3 === 0 ? 0 : 1));
const raster = { data, width, height, bands, valid };

/** The same by TensorFlow. */
function padded(values: Uint8Array, channels: number, x: number, y: number): number[] {
  const image = tf.tensor3d(values, [height, width, channels]);
  return Array.from(
    tf
      .mirrorPad(
        image,
        [
          [y, y],
          [x, x],
          [0, 0],
        ],
        'reflect',
      )
      .dataSync(),
  );
}

describe('mirrorRaster', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it.each([
    [0, 0],
    [1, 2],
    [4, 3],
    [3, 0],
  ])('mirrors pixels, and which of them have data, outwards by %i and %i, as TensorFlow would', (x, y) => {
    const mirrored = mirrorRaster(raster, { x, y });
    expect(mirrored).toMatchObject({ width: width + 2 * x, height: height + 2 * y, bands });
    expect(Array.from(mirrored.data)).toEqual(padded(data, bands, x, y));
    expect(Array.from(mirrored.valid ?? [])).toEqual(padded(valid, 1, x, y));
  });

  it('gives any rows of the mirrored whole', () => {
    const border = { x: 2, y: 3 };
    const whole = mirrorRaster(raster, border);
    for (let start = 0; start < whole.height; start += 1) {
      for (let pixels = 1; start + pixels <= whole.height; pixels += 1) {
        const some = mirrorRaster(raster, border, { start, pixels });
        const cut = <T>(values: ArrayLike<T>, row: number) =>
          Array.from(values).slice(start * row, (start + pixels) * row);
        expect(Array.from(some.data)).toEqual(cut(whole.data, whole.width * bands));
        expect(Array.from(some.valid ?? [])).toEqual(cut(whole.valid ?? [], whole.width));
        expect(some.height).toBe(pixels);
      }
    }
  });

  it('keeps the type of the samples, and says nothing of data where all pixels have them', () => {
    const { valid: _, ...full } = { ...raster, data: Float32Array.from(data) };
    const mirrored = mirrorRaster(full, { x: 1, y: 1 });
    expect(mirrored.data).toBeInstanceOf(Float32Array);
    expect(mirrored).not.toHaveProperty('valid');
  });
});
