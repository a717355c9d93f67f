import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // brings the gradients of tfjs-core's operations
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { referenceEstimate } from '../../bench/draws/reference-estimate.ts';
import { draw } from '../../src/model/estimators/draw.ts';
import { quantise } from '../../src/model/estimators/quantise.ts';
import { estimateBatch } from '../../src/training/estimate-batch.ts';
import { referenceGradient } from '../model/estimators/reference-gradient.ts';

const logits = [0.3, -1, 2, 0.1, 0.7, -0.4];
const features = [0.5, -2, 1, 3, 0.2, -1];

describe('referenceEstimate', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('is our estimate forward, with the gradient of the code published with the paper', () => {
    const values = Float32Array.from(tf.softmax(logits).dataSync());
    const map = { values, width: 3, height: 2 };
    for (let seed = 0; seed < 5; seed += 1) {
      const drawn = draw(map, { estimator: 'without-replacement', patches: 3, seed, key: [] });
      const order = drawn.cells.map(({ cell }) => cell);
      const seen = tf.tensor2d(order.map((cell) => [features[cell]!]));
      const estimate = (by: typeof estimateBatch) => (x: tf.Tensor) =>
        tf.sum(by(tf.reshape(tf.softmax(x), [1, 6]), seen, [drawn])) as tf.Scalar;
      const at = tf.tensor1d(logits);
      expect(estimate(referenceEstimate)(at).dataSync()[0]).toBeCloseTo(estimate(estimateBatch)(at).dataSync()[0]!, 5);
      const gradient = [...tf.grad(estimate(referenceEstimate))(at).dataSync()];
      const expected = referenceGradient(quantise(map), Float64Array.from(features), order);
      gradient.forEach((slope, cell) => {
        expect(slope).toBeCloseTo(expected[cell]!, 4);
      });
    }
  });
});
