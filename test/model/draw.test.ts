import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { draw } from '../../src/model/draw.ts';
import { importanceWeights, selfNormalisedWeights } from '../../src/model/estimate.ts';
import type { AttentionMap } from '../../src/scene.ts';

function map(...values: number[]): AttentionMap {
  const sum = values.reduce((total, value) => total + value, 0);
  return { values: Float32Array.from(values, (value) => value / sum), width: values.length, height: 1 };
}
const cellsOf = (attention: AttentionMap, patches: number, seed: number) =>
  draw(attention, { patches, seed, key: ['scene'] }).cells.map(({ cell }) => cell);

describe('draw', () => {
  it('never takes a cell twice, nor one without attention', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1, noNaN: true })), {
          minLength: 1,
          maxLength: 40,
        }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer(),
        (values, patches, seed) => {
          const positive = values.filter((value) => value > 0).length;
          fc.pre(positive > 0);
          const cells = cellsOf(map(...values), patches, seed);
          expect(new Set(cells).size).toBe(Math.min(patches, positive));
          for (const cell of cells) expect(values[cell]).toBeGreaterThan(0);
        },
      ),
    );
  });

  it('takes the only cell that has attention, with certainty', () => {
    expect(draw(map(0, 0, 1, 0), { patches: 3, seed: 1, key: [] }).cells).toEqual([
      { cell: 2, attention: 1, inclusion: 1 },
    ]);
  });

  it('takes all cells of a map that has no more than asked for, each with certainty', () => {
    const { cells } = draw(map(1, 2, 3), { patches: 3, seed: 4, key: [] });
    expect(cells.map(({ inclusion }) => inclusion)).toEqual([1, 1, 1]);
  });

  it('is the same for the same seed and key, and another for another', () => {
    const flat = map(...new Array<number>(200).fill(1));
    expect(cellsOf(flat, 10, 3)).toEqual(cellsOf(flat, 10, 3));
    expect(cellsOf(flat, 10, 3)).not.toEqual(cellsOf(flat, 10, 4));
    expect(draw(flat, { patches: 10, seed: 3, key: ['other'] }).cells[0]?.cell).not.toBe(cellsOf(flat, 10, 3)[0]);
  });

  it('extends a smaller draw by a larger one', () => {
    const hilly = map(...Array.from({ length: 50 }, (_, i) => 1 + (i % 7)));
    expect(cellsOf(hilly, 20, 9).slice(0, 5)).toEqual(cellsOf(hilly, 5, 9));
  });

  it('takes the first cell with probability equal to its attention', () => {
    const attention = map(1, 2, 3, 4);
    const counts = [0, 0, 0, 0];
    for (let seed = 0; seed < 8000; seed += 1) counts[cellsOf(attention, 1, seed)[0]!]! += 1;
    counts.forEach((count, cell) => {
      const p = (cell + 1) / 10;
      expect(Math.abs(count / 8000 - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / 8000));
    });
  });

  it('gives weights whose plain estimate is unbiased over 2,000 seeds: |z| < 4', () => {
    const attention = map(...Array.from({ length: 30 }, (_, i) => Math.exp(-i / 4)));
    const features = Array.from({ length: 30 }, (_, i) => Math.sin(i) + 0.3 * i);
    const truth = features.reduce((sum, f, i) => sum + f * attention.values[i]!, 0);
    const errors = Array.from({ length: 2000 }, (_, seed) => {
      const { cells } = draw(attention, { patches: 5, seed, key: ['z'] });
      const weights = importanceWeights(cells);
      return cells.reduce((sum, { cell }, i) => sum + weights[i]! * features[cell]!, 0) - truth;
    });
    const mean = errors.reduce((sum, e) => sum + e, 0) / errors.length;
    const variance = errors.reduce((sum, e) => sum + (e - mean) ** 2, 0) / (errors.length - 1);
    expect(Math.abs(mean) / Math.sqrt(variance / errors.length)).toBeLessThan(4);
  });
});

/**
 * The plain estimator's mean without chance. Gumbel keys are, turned over, arrival times: cell i arrives after a time
 * Tᵢ ~ Exp(aᵢ), and e^−κ is the time t of the (N+1)-th arrival. Sum over every set S of the first N arrivals and every
 * cell j that arrives next; integrate over t: ∫ aⱼe^(−aⱼt)·Π_S(1 − e^(−aᵢt))·Π_rest e^(−aₖt)·estimate(S, t) dt.
 */
function exactMean(
  a: readonly number[],
  n: number,
  estimate: (set: number[], inclusion: (i: number) => number) => number,
): number {
  const steps = 4000;
  let mean = 0;
  for (const set of subsets(a.length, n)) {
    const rest = a.map((_, i) => i).filter((i) => !set.includes(i));
    const leaving = rest.reduce((sum, i) => sum + a[i]!, 0);
    // The sum over j is the factor `leaving`, so with u⁴ = e^(−leaving·t) the integral is over 4u³ du in (0, 1): a smooth
    // function, for which the midpoint rule is exact to 1e-6.
    for (let step = 0; step < steps; step += 1) {
      const u = (step + 0.5) / steps;
      const t = (-4 * Math.log(u)) / leaving;
      const inclusion = (i: number) => -Math.expm1(-a[i]! * t);
      const weight = set.reduce((product, i) => product * inclusion(i), 1);
      mean += (4 * u ** 3 * weight * estimate(set, inclusion)) / steps;
    }
  }
  return mean;
}

function subsets(count: number, size: number, from = 0): number[][] {
  if (size === 0) return [[]];
  return Array.from({ length: count - from }, (_, i) => from + i).flatMap((first) =>
    subsets(count, size - 1, first + 1).map((rest) => [first, ...rest]),
  );
}

describe('importanceWeights', () => {
  const a = [0.4, 0.25, 0.15, 0.1, 0.06, 0.04];
  const f = [0.857, -0.034, 0.73, 1.176, -0.863, 0.541];
  const truth = a.reduce((sum, share, i) => sum + share * f[i]!, 0);
  const cellsAt = (set: number[], inclusion: (i: number) => number) =>
    set.map((cell) => ({ cell, attention: a[cell]!, inclusion: inclusion(cell) }));

  it('are unbiased, by enumeration of every draw: the mean of Σ aᵢ/qᵢ·fᵢ is Σ a·f for N = 1, 2, 3', () => {
    for (const n of [1, 2, 3]) {
      const certain = exactMean(a, n, () => 1);
      const mean = exactMean(a, n, (set, q) =>
        importanceWeights(cellsAt(set, q)).reduce((sum, w, i) => sum + w * f[set[i]!]!, 0),
      );
      expect(certain).toBeCloseTo(1, 6);
      expect(mean).toBeCloseTo(truth, 6);
    }
  });

  it('scaled to sum 1 have a small bias and less variance', () => {
    const moments = (weights: typeof importanceWeights) => {
      const value = (set: number[], q: (i: number) => number) =>
        weights(cellsAt(set, q)).reduce((sum, w, i) => sum + w * f[set[i]!]!, 0);
      const mean = exactMean(a, 3, value);
      return { mean, variance: exactMean(a, 3, (set, q) => value(set, q) ** 2) - mean ** 2 };
    };
    const plain = moments(importanceWeights);
    const scaled = moments(selfNormalisedWeights);
    expect(Math.abs(scaled.mean - truth)).toBeLessThan(0.05);
    expect(scaled.variance).toBeLessThan(plain.variance);
  });
});
