import { beforeAll, describe, expect, it } from 'vitest';
import { averageDown } from '../../../src/sources/rasters/average-down.ts';
import { cropRaster } from '../../../src/sources/rasters/crop-raster.ts';
import {
  type MegapixelMnistScene,
  type MegapixelMnistSettings,
  megapixelMnist,
} from '../../../src/training/megapixel-mnist/megapixel-mnist.ts';
import { type Digits, readDigits } from '../../../src/training/megapixel-mnist/read-digits.ts';
import { shrinkGlyph } from '../../../src/training/megapixel-mnist/shrink-glyph.ts';

const crowded = { seed: 2, split: 'test', size: 300, noise: 60, order: 'reference', overview: { scale: 8 } } as const;
const { signal } = new AbortController();
let digits: Digits;

beforeAll(async () => {
  digits = await readDigits('test');
});

function scenes(count: number, settings: Partial<MegapixelMnistSettings> = {}): MegapixelMnistScene[] {
  const sceneOf = megapixelMnist(digits, { ...crowded, ...settings });
  return Array.from({ length: count }, (_, index) => sceneOf(index));
}

function whole({ width, height, paint }: MegapixelMnistScene) {
  return { data: paint({ x: 0, y: 0, width, height }), width, height, bands: 1 };
}

function digitOf(digit: number): Uint8Array {
  return digits.pixels.subarray(digit * 784, (digit + 1) * 784);
}

describe('megapixelMnist', () => {
  it('shows every digit untouched where digits lie on top, whatever the noise', () => {
    for (const scene of scenes(20, { order: 'visible' })) {
      for (const { digit, x, y } of scene.plan.digits)
        expect(scene.paint({ x, y, width: 28, height: 28 })).toEqual(Uint8Array.from(digitOf(digit)));
    }
  });

  it('draws noise last, its black squares too, where it goes by the reference', () => {
    for (const scene of scenes(20)) {
      const last = scene.plan.noise.at(-1);
      const seen = scene.paint({ x: last?.x ?? 0, y: last?.y ?? 0, width: 28, height: 28 });
      expect(seen.filter(Boolean).every((grey) => grey >= 204)).toBe(true);
      expect(seen.filter((grey) => grey === 0).length).toBeGreaterThan(600);
    }
    const touched = scenes(20).some((scene) =>
      scene.plan.digits.some(
        ({ digit, x, y }) => !Buffer.from(digitOf(digit)).equals(scene.paint({ x, y, width: 28, height: 28 })),
      ),
    );
    expect(touched).toBe(true);
  });

  it('is black but for its digits and its noise', () => {
    for (const scene of scenes(5, { noise: 3 })) {
      const { data, width } = whole(scene);
      for (const { x, y } of [...scene.plan.digits, ...scene.plan.noise])
        for (let row = y; row < y + 28; row += 1) data.fill(0, row * width + x, row * width + x + 28);
      expect(data.some(Boolean)).toBe(false);
    }
  });

  it.each([2, 5, 8, 12])('averages down by %i to what the whole scene averages down to', async (scale) => {
    for (const size of [300, 448]) {
      for (const scene of scenes(5, { overview: { scale }, size }))
        expect(await scene.overview(signal)).toEqual(await averageDown(whole(scene), scale, signal));
    }
  });

  it("shows the reference's low view: each glyph made smaller by itself", async () => {
    const [scene] = scenes(1, { overview: 'reference', size: 1500, noise: 0 });
    const { plan } = scene as MegapixelMnistScene;
    const overview = await (scene as MegapixelMnistScene).overview(signal);
    expect([overview.width, overview.height, overview.bands]).toEqual([180, 180, 1]);
    for (const { digit, x, y } of plan.digits) {
      const place = { x: Math.floor(x * 0.12), y: Math.floor(y * 0.12), width: 3, height: 3 };
      expect(cropRaster(overview, place).data).toEqual(shrinkGlyph(digitOf(digit), 28, 3));
    }
    expect(overview.data.filter(Boolean).length).toBeLessThanOrEqual(5 * 9);
  });

  it('hands out the patches of the scene', async () => {
    const [scene] = scenes(1);
    const windows = [
      { x: 0, y: 0, width: 50, height: 50 },
      { x: 250, y: 123, width: 50, height: 50 },
    ];
    const image = whole(scene as MegapixelMnistScene);
    expect(await scene?.patches(windows)).toEqual(windows.map((window) => cropRaster(image, window)));
  });

  it('makes the same scene again, and names it by three of its digits', () => {
    for (const [index, scene] of scenes(5).entries()) {
      const again = megapixelMnist(digits, crowded)(index);
      expect(Buffer.from(whole(again).data).equals(whole(scene).data)).toBe(true);
      expect(scene.plan.digits.filter(({ label }) => String(label) === scene.class)).toHaveLength(3);
    }
  });
});
