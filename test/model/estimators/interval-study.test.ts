import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { input, layers, model, type SymbolicTensor, sequential } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { blobScene, WIDTH } from '../../../bench/estimators/blob-scene.ts';
import { CLASSES, conclusion, headOf, intervalStudy } from '../../../bench/estimators/interval-study.ts';
import { estimatorNames } from '../../../src/model/estimators/estimator-name.ts';
import { estimators } from '../../../src/model/estimators/estimators.ts';
import { inference } from '../../../src/model/inference.ts';
import { randomKey } from '../../../src/random.ts';

describe('conclusion', () => {
  it.each(estimatorNames)('is what inference concludes: %s', async (estimator) => {
    await tf.setBackend('cpu');
    const head = sequential({ layers: [layers.dense({ units: CLASSES, inputShape: [WIDTH] })] });
    // A patch of one pixel is a feature already.
    const pixel = input({ shape: [1, 1, WIDTH] });
    const feature = model({ inputs: pixel, outputs: layers.flatten().apply(pixel) as SymbolicTensor });
    const bands = Array.from({ length: WIDTH }, (_, band) => ({ name: `${band}`, scale: 1, offset: 0 }));
    const { look } = inference({ attention: feature, feature, head }, { bands, attention: { smoothing: 0 } });
    for (const seed of [1, 2, 3]) {
      const scene = blobScene(seed, { sharpness: 'medium', texture: 'rough' });
      const weights = headOf(seed, 2);
      head.setWeights([tf.tensor2d(weights.flat(), [WIDTH, CLASSES]), tf.zeros([CLASSES])]);
      const draw = {
        estimator,
        seed,
        cells: estimators[estimator].cells(scene.shares, { patches: 12, key: randomKey(seed) }),
      };
      const patches = draw.cells.map(({ cell }) => ({
        data: Float32Array.from(scene.features[cell]!),
        width: 1,
        height: 1,
        bands: WIDTH,
      }));
      const { probabilities, standardError } = await look(patches, draw);
      const expected = conclusion(scene, weights, draw);
      probabilities.forEach((p, k) => {
        expect(p).toBeCloseTo(expected.probabilities[k]!, 5);
      });
      expect(standardError).toBeCloseTo(expected.standardError, 5);
      expect(standardError > 0).toBe(!['top', 'peaks', 'all'].includes(estimator));
    }
  });
});

/** The regime of `docs/estimators.md`: 25 places, attention neither flat nor sharp. */
describe('intervalStudy', () => {
  it.each([
    { slope: 1, head: 'gentle' },
    { slope: 3, head: 'steep' },
  ])('finds 95 % intervals to hold the exact probability in 93 to 97 % of 2,000 scenes: a $head head', ({ slope }) => {
    const names = ['without-replacement', 'gumbel-kappa-plain', 'gumbel-kappa-normalised'] as const;
    const found = intervalStudy(names, { scenes: 2000, patches: 25, sharpness: 'medium', texture: 'smooth', slope });
    for (const [name, covered] of found) {
      expect(covered, name).toBeGreaterThanOrEqual(0.93);
      expect(covered, name).toBeLessThanOrEqual(0.97);
    }
  });
});
