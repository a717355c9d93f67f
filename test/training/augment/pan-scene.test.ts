import { describe, expect, it } from 'vitest';
import type { Raster, Window } from '../../../src/scene.ts';
import { cropRaster } from '../../../src/sources/rasters/crop-raster.ts';
import { panScene } from '../../../src/training/augment/pan-scene.ts';

const SCALE = 4;
const whole = grid(24, 16);
const scene = {
  ...{ overview: grid(6, 4), width: 24, height: 16 },
  patches: async (windows: readonly Window[]) => windows.map((window) => cropRaster(whole, window)),
};

describe('panScene', () => {
  it.each([
    [1, 0],
    [-2, 1],
    [0, -3],
    [5, 3],
    [7, 0],
  ])('moves overview and patches alike by %i, %i, and has no data where nothing was', async (x, y) => {
    const panned = panScene(scene, { x, y, scale: SCALE });
    expect(at(panned.overview)).toEqual(at(shifted(scene.overview, x, y)));
    const windows = [0, 3, 12, 20].flatMap((left) =>
      [0, 5, 12].map((top) => ({ x: left, y: top, width: 4, height: 4 })),
    );
    const expected = shifted(whole, x * SCALE, y * SCALE);
    const patches = await panned.patches(windows);
    expect(patches.map(at)).toEqual(windows.map((window) => at(cropRaster(expected, window))));
  });

  it('moves patches by whole pixels where the scale is no whole number', async () => {
    const panned = panScene(scene, { x: 1, y: -1, scale: 10 / 3 });
    const windows = [0, 8, 20].map((left) => ({ x: left, y: 4, width: 4, height: 4 }));
    const patches = await panned.patches(windows);
    expect(patches.map(at)).toEqual(windows.map((window) => at(cropRaster(shifted(whole, 3, -3), window))));
  });

  it('keeps the type of the samples', async () => {
    const panned = panScene(
      { ...scene, overview: { ...grid(6, 4), data: new Float32Array(24) } },
      { x: 9, y: 0, scale: 1 },
    );
    expect(panned.overview.data).toBeInstanceOf(Float32Array);
  });
});

function grid(width: number, height: number): Raster {
  return { data: Uint16Array.from({ length: width * height }, (_, i) => i + 1), width, height, bands: 1 };
}

/** Pixel by pixel: its sample, or that it has no data. */
function at({ data, valid }: Raster): (number | string)[] {
  return Array.from(data, (sample, i) => (valid?.[i] === 0 ? 'no data' : sample));
}

/** The same by the words of the docstring, pixel by pixel. */
function shifted(raster: Raster, x: number, y: number): Raster {
  const data = new Uint16Array(raster.data.length);
  const valid = new Uint8Array(data.length);
  for (let row = 0; row < raster.height; row += 1) {
    for (let column = 0; column < raster.width; column += 1) {
      const [fromX, fromY] = [column - x, row - y];
      if (fromX < 0 || fromY < 0 || fromX >= raster.width || fromY >= raster.height) continue;
      data[row * raster.width + column] = raster.data[fromY * raster.width + fromX] as number;
      valid[row * raster.width + column] = 1;
    }
  }
  return { ...raster, data, valid };
}
