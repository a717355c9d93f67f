import { describe, expect, it } from 'vitest';
import type { Raster, Window } from '../../../src/scene.ts';
import { cropRaster } from '../../../src/sources/rasters/crop-raster.ts';
import { turnRaster, turnScene, WAYS } from '../../../src/training/augment/turn-scene.ts';

const ways = Array.from({ length: WAYS }, (_, way) => way);

/** 5 × 3 pixels of two bands, each sample another number; the pixels of one column have no data. */
const raster: Raster = {
  ...{ width: 5, height: 3, bands: 2 },
  data: Uint8Array.from({ length: 30 }, (_, i) => i),
  valid: Uint8Array.from({ length: 15 }, (_, i) => (i % 5 === 1 ? 0 : 1)),
};
const scene = {
  ...{ overview: raster, width: 5, height: 3 },
  patches: async (windows: readonly Window[]) => windows.map((window) => cropRaster(raster, window)),
};

describe('turnRaster', () => {
  it('mirrors, flips and transposes', () => {
    const letters = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), width: 3, height: 2, bands: 1 };
    const rows = (way: number) => Array.from(turnRaster(letters, way).data).join('');
    expect(ways.map(rows)).toEqual([
      ...['123456', '321654', '456123', '654321'],
      ...['142536', '415263', '362514', '635241'],
    ]);
    expect(turnRaster(letters, 4)).toMatchObject({ width: 2, height: 3 });
  });

  it('gives eight different rasters, with all samples and their validity kept together', () => {
    const turned = ways.map((way) => turnRaster(raster, way));
    expect(new Set(turned.map(({ data, width }) => `${width} ${data}`)).size).toBe(WAYS);
    const pixels = ({ data, valid }: Raster) =>
      Array.from(valid ?? [], (v, i) => `${data[2 * i]} ${data[2 * i + 1]} ${v}`).sort();
    for (const one of turned) expect(pixels(one)).toEqual(pixels(raster));
  });
});

describe('turnScene', () => {
  it.each(ways)('way %i: a patch is the same window of the turned whole', async (way) => {
    const turned = turnScene(scene, way);
    const whole = turnRaster(raster, way);
    expect({ width: turned.width, height: turned.height }).toEqual({ width: whole.width, height: whole.height });
    expect(turned.overview).toEqual(whole);
    const windows = [
      { x: 0, y: 0, width: 2, height: 2 },
      { x: 1, y: 1, width: 2, height: 2 },
      { x: turned.width - 2, y: turned.height - 1, width: 2, height: 1 },
    ];
    expect(await turned.patches(windows)).toEqual(windows.map((window) => cropRaster(whole, window)));
  });
});
