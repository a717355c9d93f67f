import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Curve } from '../../src/training/curve.ts';

describe('Curve', () => {
  it('is every point as long as there are few', () => {
    const curve = new Curve(4);
    for (const step of [1, 2, 3, 4]) curve.add(step, step * step);
    expect(curve.points).toEqual([
      [1, 1],
      [2, 4],
      [3, 9],
      [4, 16],
    ]);
  });

  it('is never more than asked, in order, and a straight line stays one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), (steps) => {
        const curve = new Curve(8);
        for (let step = 1; step <= steps; step += 1) curve.add(step, 3 - 2 * step);
        const { points } = curve;
        expect(points.length).toBeLessThanOrEqual(8);
        expect(points.length).toBeGreaterThan(Math.min(steps, 8) / 2 - 1);
        for (const [step, value] of points) expect(value).toBeCloseTo(3 - 2 * step, 6);
        expect(points).toEqual([...points].sort(([a], [b]) => a - b));
      }),
      { seed: 1, numRuns: 50 },
    );
  });
});
