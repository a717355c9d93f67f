import { describe, expect, it } from 'vitest';
import type { Raster, Window } from '../../../src/scene.ts';
import { cropRaster } from '../../../src/sources/rasters/crop-raster.ts';
import { zoomScene } from '../../../src/training/augment/zoom-scene.ts';

const SCALE = 4;
/** Of which every sample tells where its pixel lies: bilinear interpolation finds a plane exactly. */
const overview = plane(20, 12, SCALE);
const whole = plane(80, 48, 1);
const scene = {
  ...{ overview, width: 80, height: 48 },
  patches: async (windows: readonly Window[]) => windows.map((window) => cropRaster(whole, window)),
};
const ways = [
  { factor: 1.25, x: 5, y: 9 },
  { factor: 0.75, x: 13, y: 2 },
  { factor: 2, x: 0, y: 12 },
  { factor: 0.5, x: 20, y: 0 },
];

describe('zoomScene', () => {
  it.each(ways)('shows in the overview what lay there before, by $factor about ($x, $y)', ({ factor, x, y }) => {
    const zoomed = zoomScene(scene, { factor, x, y, scale: SCALE });
    const fixed = { x: x * SCALE, y: y * SCALE };
    const inside = expectPlaces(zoomed.overview, { x: 0, y: 0 }, { step: SCALE, factor, fixed, edge: SCALE });
    expect(inside).toBeGreaterThan(30);
  });

  it.each(ways)('shows the same ground in patches, by $factor about ($x, $y)', async ({ factor, x, y }) => {
    const windows = [0, 13, 37, 64].flatMap((left) =>
      [0, 9, 32].map((top) => ({ x: left, y: top, width: 16, height: 16 })),
    );
    const patches = await zoomScene(scene, { factor, x, y, scale: SCALE }).patches(windows);
    expect(patches).toHaveLength(windows.length);
    const fixed = { x: x * SCALE, y: y * SCALE };
    const inside = patches.map((patch, i) =>
      expectPlaces(patch, windows[i] as Window, { step: 1, factor, fixed, edge: 1 }),
    );
    expect(Math.max(...inside)).toBeGreaterThan(100);
  });

  it('has no data where a pixel that it would be made of has none: four by four at twice the size', () => {
    const valid = new Uint8Array(20 * 12).fill(1);
    valid[5 * 20 + 7] = 0;
    const { overview: nearer } = zoomScene(
      { ...scene, overview: { ...overview, valid } },
      { factor: 2, x: 7, y: 5, scale: SCALE },
    );
    expect(Array.from(nearer.valid ?? []).filter((one) => one === 0)).toHaveLength(16);
  });

  it('is the scene itself by a factor of 1', () => {
    expect(zoomScene(scene, { factor: 1, x: 3, y: 4, scale: SCALE })).toBe(scene);
  });
});

type Place = { readonly x: number; readonly y: number };
type Way = { readonly step: number; readonly factor: number; readonly fixed: Place; readonly edge: number };

/** Each pixel tells the place of its centre before; those that came from outside say that they have no data. @returns how many do not */
function expectPlaces(raster: Raster, corner: Place, { step, factor, fixed, edge }: Way): number {
  let inside = 0;
  for (let row = 0; row < raster.height; row += 1) {
    for (let column = 0; column < raster.width; column += 1) {
      const now = { x: corner.x + (column + 0.5) * step, y: corner.y + (row + 0.5) * step };
      const x = fixed.x + (now.x - fixed.x) / factor;
      const y = fixed.y + (now.y - fixed.y) / factor;
      const at = row * raster.width + column;
      const valid = x >= 0 && y >= 0 && x <= scene.width && y <= scene.height;
      expect(raster.valid?.[at]).toBe(valid ? 1 : 0);
      // Half a pixel from the border, the outermost centre stands for all beyond it.
      if (!valid || x < edge / 2 || y < edge / 2 || x > scene.width - edge / 2 || y > scene.height - edge / 2) continue;
      inside += 1;
      expect(raster.data[2 * at]).toBeCloseTo(x, 3);
      expect(raster.data[2 * at + 1]).toBeCloseTo(y, 3);
    }
  }
  return inside;
}

/** Two bands: where the centre of a pixel lies, in pixels of the full resolution. */
function plane(width: number, height: number, scale: number): Raster {
  const data = new Float32Array(width * height * 2);
  for (let i = 0; i < width * height; i += 1)
    data.set([((i % width) + 0.5) * scale, (Math.floor(i / width) + 0.5) * scale], 2 * i);
  return { data, width, height, bands: 2 };
}
