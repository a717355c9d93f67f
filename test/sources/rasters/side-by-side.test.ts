import { describe, expect, it } from 'vitest';
import type { PixelArray } from '../../../src/scene.ts';
import { sideBySide } from '../../../src/sources/rasters/side-by-side.ts';

const { signal } = new AbortController();
const raster = (data: PixelArray, bands: number, valid?: Uint8Array) => ({
  ...{ data, width: 3, height: 1, bands },
  ...(valid && { valid }),
});

describe('sideBySide', () => {
  it('puts bands in order, pixel by pixel', async () => {
    const one = raster(Uint16Array.of(1, 2, 3), 1);
    const two = raster(Uint16Array.of(10, 11, 20, 21, 30, 31), 2);
    const found = await sideBySide([one, two], signal);
    expect(found).toEqual({ ...one, bands: 3, data: Uint16Array.of(1, 10, 11, 2, 20, 21, 3, 30, 31) });
  });

  it('has data where any band has, and of floats where all have', async () => {
    const [a, b] = [Uint8Array.of(0, 1, 1), Uint8Array.of(0, 0, 1)];
    const whole = (valid?: Uint8Array) => raster(Uint8Array.of(1, 2, 3), 1, valid);
    const float = (valid?: Uint8Array) => raster(Float32Array.of(1, 2, 3), 1, valid);
    expect((await sideBySide([whole(a), whole(b)], signal)).valid).toEqual(a);
    expect((await sideBySide([whole(a), whole()], signal)).valid).toBeUndefined();
    expect((await sideBySide([float(a), float(b)], signal)).valid).toEqual(b);
    expect((await sideBySide([float(a), float()], signal)).valid).toEqual(a);
  });
});
