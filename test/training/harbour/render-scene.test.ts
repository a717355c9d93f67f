import { describe, expect, it } from 'vitest';
import type { Window } from '../../../src/scene.ts';
import { planHarbour } from '../../../src/training/harbour/plan-harbour.ts';
import { sceneRenderer } from '../../../src/training/harbour/render-scene.ts';
import type { HarbourScene, Hull } from '../../../src/training/harbour/scene.ts';

const SIZE = 512;
const whole: Window = { x: 0, y: 0, width: SIZE, height: SIZE };

function cut(pixels: Uint8ClampedArray, { x, y, width, height }: Window): Uint8ClampedArray {
  const part = new Uint8ClampedArray(width * height * 3);
  for (let row = 0; row < height; row += 1) {
    const from = ((y + row) * SIZE + x) * 3;
    part.set(pixels.subarray(from, from + width * 3), row * width * 3);
  }
  return part;
}

function same(a: Uint8ClampedArray, b: Uint8ClampedArray): boolean {
  return Buffer.from(a).equals(Buffer.from(b));
}

/** Means of 16×16 pixels around a hull, as in the overview, each band on its own. */
function blocksAround(scene: HarbourScene, hull: Hull): number[] {
  const [left, top] = [Math.floor(hull.x / 16) * 16 - 64, Math.floor(hull.y / 16) * 16 - 64];
  const pixels = sceneRenderer(scene)({ x: left, y: top, width: 144, height: 144 });
  const sums = new Array<number>(9 * 9 * 3).fill(0);
  pixels.forEach((value, i) => {
    const [x, y] = [Math.floor(i / 3) % 144, Math.floor(i / 3 / 144)];
    const block = ((y >> 4) * 9 + (x >> 4)) * 3 + (i % 3);
    sums[block] = (sums[block] as number) + value / 256;
  });
  return sums;
}

describe('sceneRenderer', () => {
  const scene = planHarbour({ seed: 3, index: 1, size: SIZE });
  const picture = sceneRenderer(scene)(whole);

  it('paints the same picture again', () => {
    const again = sceneRenderer(planHarbour({ seed: 3, index: 1, size: SIZE }))(whole);
    expect(same(again, picture)).toBe(true);
  });

  it.each<Window>([
    { x: 0, y: 0, width: 256, height: 256 },
    { x: 256, y: 256, width: 256, height: 256 },
    { x: 101, y: 3, width: 57, height: 211 },
    { x: 511, y: 511, width: 1, height: 1 },
  ])('paints $width×$height at $x, $y as it is in the whole picture', (window) => {
    expect(same(sceneRenderer(scene)(window), cut(picture, window))).toBe(true);
  });

  it('shows in the overview that a hull is there, whatever the light', () => {
    for (let index = 0; index < 12; index += 1) {
      const clear = planHarbour({ seed: 4, index, size: SIZE });
      for (const hull of clear.hulls) {
        const without = blocksAround({ ...clear, hulls: [] }, hull);
        const difference = blocksAround(clear, hull).map((value, i) => value - (without[i] as number));
        expect(Math.max(...difference)).toBeGreaterThan(10);
      }
    }
  });

  it('shows in the overview the same whatever a hull carries', () => {
    const differences: Record<string, number[]> = { container: [], tanker: [], ferry: [] };
    for (let index = 0; index < 24; index += 1) {
      const { hulls, ...rest } = planHarbour({ seed: 4, index, size: SIZE });
      const [hull] = hulls as [Hull];
      const plain = blocksAround({ ...rest, hulls: [{ ...hull, deck: 'barge' }] }, hull);
      for (const deck of ['container', 'tanker', 'ferry'] as const) {
        const loaded = blocksAround({ ...rest, hulls: [{ ...hull, deck }] }, hull);
        differences[deck]?.push(...loaded.map((value, i) => value - (plain[i] as number)));
      }
    }
    for (const values of Object.values(differences)) {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const size = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
      expect(Math.abs(mean)).toBeLessThan(0.05);
      expect(size).toBeLessThan(1);
    }
  });
});
