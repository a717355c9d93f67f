import { describe, expect, it } from 'vitest';
import { blobScene, ENTROPY, type Sharpness } from '../../../bench/estimators/blob-scene.ts';
import { exactForm } from '../../../bench/estimators/closed-form.ts';
import { study } from '../../../bench/estimators/study.ts';
import { estimators } from '../../../src/model/estimators/estimators.ts';
import { withoutReplacement } from '../../../src/model/estimators/without-replacement.ts';
import { randomKey } from '../../../src/random.ts';
import { referenceGradient } from './reference-gradient.ts';

const texture = 'smooth';
const cases = (Object.keys(ENTROPY) as Sharpness[]).flatMap((sharpness) =>
  [10, 25].map((patches) => [sharpness, patches] as const),
);

/** The code of `npm run bench:estimators`, with fewer draws. */
describe('study', () => {
  it('makes scenes of the entropy asked for', () => {
    for (const [sharpness, entropy] of Object.entries(ENTROPY)) {
      const { attention } = blobScene(1, { sharpness: sharpness as Sharpness, texture });
      expect(-attention.reduce((sum, a) => sum + a * Math.log(a), 0)).toBeCloseTo(entropy, 2);
    }
  });

  it('finds the error of independent draws to be what it is known to be', () => {
    const scene = blobScene(1, { sharpness: 'medium', texture });
    const { error } = study(scene, estimators['with-replacement'], { patches: 10, runs: 4000 });
    expect(Math.abs(error - 1)).toBeLessThan(0.05);
  });

  it('finds systematic draws to err less than 0.12 times as much as independent ones: medium, N = 25', () => {
    const scene = blobScene(1, { sharpness: 'medium', texture });
    expect(study(scene, estimators.systematic, { patches: 25, runs: 2000 }).error).toBeLessThanOrEqual(0.12);
  });

  it.each(cases)(
    'finds the mean gradient of both defaults to point where the exact one does: %s, N = %i',
    (sharpness, patches) => {
      const scene = blobScene(1, { sharpness, texture });
      // Where attention is flat, a cell is drawn once in a hundred runs, and the mean is still noisy.
      const runs = sharpness === 'flat' ? 120_000 / patches : 1000;
      for (const name of ['systematic', 'gumbel-kappa-normalised'] as const) {
        expect(study(scene, estimators[name], { patches, runs }).meanCosine).toBeGreaterThan(0.99);
      }
    },
  );

  it('finds the gradient published with the paper to point elsewhere where attention is sharp', () => {
    const { shares, attention, features } = blobScene(1, { sharpness: 'sharp', texture });
    const y = Float64Array.from(features, ([first]) => first! + 1);
    const mean = new Float64Array(attention.length);
    for (let run = 0; run < 2000; run += 1) {
      const cells = withoutReplacement.cells(shares, { patches: 10, key: randomKey('study', run) });
      const gradient = referenceGradient(
        shares,
        y,
        cells.map(({ cell }) => cell),
      );
      gradient.forEach((slope, cell) => {
        mean[cell]! += slope;
      });
    }
    const exact = exactForm(attention, y).logits;
    const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
    expect(dot(mean, exact) / Math.sqrt(dot(mean, mean) * dot(exact, exact))).toBeLessThan(0.9);
  });
});
