import { describe, expect, it } from 'vitest';
import type { PixelArray } from '../../src/scene.ts';
import { eightBits } from '../../src/sinks/eight-bits.ts';

const raster = (data: PixelArray, valid?: Uint8Array) => ({
  ...{ data, width: data.length, height: 1, bands: 1 },
  ...(valid && { valid }),
});
const shown = (...rasters: ReturnType<typeof raster>[]) => eightBits(rasters).map(({ data }) => [...data]);

describe('eightBits', () => {
  it('leaves 8 bits as they are', () => {
    const dark = raster(new Uint8Array([3, 7]));
    expect(eightBits([dark])).toEqual([dark]);
  });

  it('spreads other samples from black to white, the same for all that are seen together', () => {
    expect(shown(raster(new Uint16Array([1000, 2000])), raster(new Uint16Array([3000])))).toEqual([[0, 127], [255]]);
    expect(shown(raster(new Float32Array([-1, 0, 1])))).toEqual([[0, 127, 255]]);
  });

  it('asks neither pixels without data nor what is no number for the range', () => {
    expect(shown(raster(new Int16Array([-32_768, 0, 10]), new Uint8Array([0, 1, 1])))).toEqual([[0, 0, 255]]);
    expect(shown(raster(new Float32Array([Number.NaN, 0, 10, Number.POSITIVE_INFINITY])))).toEqual([[0, 0, 255, 255]]);
  });

  it('gives a single glint no say', () => {
    const values = Float32Array.from({ length: 200 }, (_, n) => (n === 0 ? 1e6 : n % 2));
    expect(shown(raster(values))[0]?.slice(0, 3)).toEqual([255, 255, 0]);
  });

  it('shows what is all the same, or empty, as black', () => {
    expect(shown(raster(new Uint16Array([5, 5])))).toEqual([[0, 0]]);
    expect(eightBits([])).toEqual([]);
  });
});
