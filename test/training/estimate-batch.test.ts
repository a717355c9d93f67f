import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // brings the gradients of tfjs-core's operations
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Draw } from '../../src/model/model.ts';
import { estimateBatch } from '../../src/training/estimate-batch.ts';

/** Attention of three scenes with four cells each. */
const ATTENTION = [
  [0.1, 0.2, 0.3, 0.4],
  [0.7, 0.1, 0.1, 0.1],
  [0.25, 0.25, 0.25, 0.25],
];

function drawOf(...cells: (readonly [cell: number, coefficient: number])[]): Draw {
  const drawn = cells.map(([cell, coefficient]) => ({ cell, attention: 0, coefficient })); // attention comes from the network
  return { estimator: 'with-replacement', seed: 0, cells: drawn };
}

describe('estimateBatch', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('weighs each scene by its own attention and coefficients', () => {
    const draws = [drawOf([0, 5], [3, 1]), drawOf([0, 1], [1, 3])];
    const features = tf.tensor2d([[1], [2], [3], [4]]);
    const found = estimateBatch(tf.tensor2d(ATTENTION.slice(0, 2)), features, draws).arraySync();
    expect(found[0]![0]).toBeCloseTo(0.1 * 5 * 1 + 0.4 * 2, 6);
    expect(found[1]![0]).toBeCloseTo(0.7 * 3 + 0.1 * 3 * 4, 6);
  });

  it('takes draws of different sizes, and sends no gradient to what a scene lacks', () => {
    const draws = [drawOf([3, 2]), drawOf([0, 1], [1, 3], [2, 2]), drawOf([1, 2], [2, 2])];
    const features = tf.tensor2d([[1], [2], [3], [4], [5], [6]]);
    const estimate = (a: tf.Tensor2D, f: tf.Tensor2D) => estimateBatch(a, f, draws);
    const found = estimate(tf.tensor2d(ATTENTION), features).arraySync().flat();
    [0.8, 0.7 * 2 + 0.3 * 3 + 0.2 * 4, 0.5 * 5 + 0.5 * 6].forEach((value, scene) => {
      expect(found[scene]).toBeCloseTo(value, 6);
    });
    const [byAttention, byFeature] = tf.grads((a, f) => tf.sum(estimate(a as tf.Tensor2D, f as tf.Tensor2D)))([
      tf.tensor2d(ATTENTION),
      features,
    ]);
    expect(byAttention!.arraySync()).toEqual([
      [0, 0, 0, 2],
      [2, 9, 8, 0],
      [0, 10, 12, 0],
    ]);
    const weights = Array.from(byFeature!.dataSync());
    [0.8, 0.7, 0.3, 0.2, 0.5, 0.5].forEach((weight, place) => {
      expect(weights[place]).toBeCloseTo(weight, 6);
    });
  });
});
