import { describe, expect, it } from 'vitest';
import { boxOf, corners } from '../../../src/training/harbour/block.ts';
import { seawardDistance } from '../../../src/training/harbour/coast.ts';
import { planHarbour } from '../../../src/training/harbour/plan-harbour.ts';
import { type HarbourScene, type Hull, sceneClasses } from '../../../src/training/harbour/scene.ts';

function plans(count: number, size: number): HarbourScene[] {
  return Array.from({ length: count }, (_, index) => planHarbour({ seed: 5, index, size }));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The mean's standard error. */
function uncertainty(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)) / values.length);
}

function isBarge({ deck }: Hull): boolean {
  return deck === 'barge';
}

describe('planHarbour', () => {
  const scenes = plans(400, 1024);

  it('plans the same scene for the same order, and another one for another', () => {
    const order = { seed: 1, index: 2, size: 512 };
    expect(planHarbour(order)).toEqual(planHarbour(order));
    for (const other of [{ seed: 2 }, { index: 3 }, { size: 513 }]) {
      expect(planHarbour({ ...order, ...other }).noise).not.toBe(planHarbour(order).noise);
    }
  });

  it('has each class once in every four scenes, in an order that cannot be guessed', () => {
    const groups = Array.from({ length: 100 }, (_, i) => scenes.slice(i * 4, i * 4 + 4).map((scene) => scene.class));
    for (const group of groups) expect([...group].sort()).toEqual([...sceneClasses].sort());
    expect(new Set(groups.map((group) => group.join())).size).toBeGreaterThan(15);
  });

  it('shows one vessel of the class, or none, among the barges', () => {
    for (const scene of scenes) {
      const vessels = scene.hulls.filter((hull) => !isBarge(hull)).map(({ deck }) => deck);
      expect(vessels).toEqual(scene.class === 'none' ? [] : [scene.class]);
    }
  });

  it('has as many barges in scenes of every class', () => {
    const counts = sceneClasses.map((name) =>
      scenes.filter((scene) => scene.class === name).map(({ hulls }) => hulls.filter(isBarge).length),
    );
    for (const count of counts) {
      expect(new Set(count)).toEqual(new Set([1, 2, 3]));
      expect(Math.abs(mean(count) - mean(counts.flat()))).toBeLessThan(3 * uncertainty(count));
    }
  });

  it.each([
    ['length', (hull: Hull) => hull.length],
    ['beam', (hull: Hull) => hull.beam],
    ['brightness', (hull: Hull) => mean(hull.colour)],
    ['wake', (hull: Hull) => hull.wake],
    ['direction', (hull: Hull) => Math.cos(2 * hull.direction)],
    ['place', (hull: Hull) => Math.hypot(hull.x - 512, hull.y - 512)],
  ])('draws the %s of a hull alike for barges and vessels of every class', (_name, measure) => {
    const all = scenes.flatMap((scene) => scene.hulls);
    const barges = all.filter(isBarge).map(measure);
    for (const deck of ['container', 'tanker', 'ferry']) {
      const ours = all.filter((hull) => hull.deck === deck).map(measure);
      expect(ours).toHaveLength(100);
      expect(Math.abs(mean(ours) - mean(barges))).toBeLessThan(3 * Math.hypot(uncertainty(ours), uncertainty(barges)));
    }
  });

  it.each([512, 1024, 4096])('keeps hulls of a scene of %i px afloat, apart and off its border', (size) => {
    for (const scene of plans(20, size)) {
      const distance = seawardDistance(scene.coast, scene.noise);
      scene.hulls.forEach((hull, index) => {
        const [x0, y0, x1, y1] = boxOf(hull);
        expect(Math.min(x0, y0, size - x1, size - y1)).toBeGreaterThanOrEqual(64);
        for (const corner of corners(hull)) expect(distance(...corner)).toBeGreaterThan(0);
        for (const other of scene.hulls.slice(index + 1)) {
          expect(Math.hypot(hull.x - other.x, hull.y - other.y)).toBeGreaterThanOrEqual(150);
        }
      });
    }
  });

  it('makes a tenth to a third of a scene land', () => {
    for (const scene of plans(20, 2048)) {
      const distance = seawardDistance(scene.coast, scene.noise);
      const points = Array.from({ length: 2500 }, (_, i) => distance((i % 50) * 41, Math.floor(i / 50) * 41));
      const land = points.filter((value) => value < 0).length / points.length;
      expect(land).toBeGreaterThan(0.08);
      expect(land).toBeLessThan(0.37);
    }
  });
});
