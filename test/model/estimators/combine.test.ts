import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // brings the gradients of tfjs-core's operations
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { closedForm } from '../../../bench/estimators/closed-form.ts';
import { combine } from '../../../src/model/estimators/combine.ts';
import { draw } from '../../../src/model/estimators/draw.ts';
import { estimatorNames } from '../../../src/model/estimators/estimator-name.ts';
import { estimators } from '../../../src/model/estimators/estimators.ts';
import { randomKey, uniform } from '../../../src/random.ts';

const CELLS = 60;
const key = randomKey('combine');
const logits = Float32Array.from({ length: CELLS }, (_, i) => 4 * uniform(key, i));
const features = Float32Array.from({ length: CELLS }, (_, i) => 2 * uniform(key, CELLS + i) - 1);

/** One cell after another into its place: what a network's gradient goes back to. */
const gather = (values: tf.Tensor, cells: readonly number[]) => tf.gather(values, tf.tensor1d([...cells], 'int32'));

describe('combine', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it.each(estimatorNames)('has by automatic differentiation the gradients of the closed form: %s', (estimator) => {
    const attention = tf.softmax(tf.tensor1d(logits)).dataSync() as Float32Array;
    const { cells } = draw({ values: attention, width: 10, height: 6 }, { estimator, patches: 8, seed: 5, key: [] });
    const { form } = estimators[estimator];
    const chosen = cells.map(({ cell }) => cell);
    const estimate = (z: tf.Tensor, f: tf.Tensor) =>
      tf.sum(
        combine(
          tf.expandDims(gather(tf.softmax(z), chosen)),
          tf.tensor2d([cells.map(({ coefficient }) => coefficient)]),
          { features: tf.reshape(gather(f, chosen), [1, cells.length, 1]), form },
        ),
      );
    const expected = closedForm(Float64Array.from(attention), Float64Array.from(features), { cells, form });
    const found = tf.grads((z, f) => estimate(z as tf.Tensor, f as tf.Tensor))([
      tf.tensor1d(logits),
      tf.tensor1d(features),
    ]);
    const value = estimate(tf.tensor1d(logits), tf.tensor1d(features)).dataSync()[0]!;
    expect(Math.abs(value - expected.value)).toBeLessThan(1e-6);
    for (const [gradient, exact] of [
      [found[0]!, expected.logits],
      [found[1]!, expected.features],
    ] as const) {
      const largest = Math.max(...exact.map(Math.abs));
      expect(largest).toBeGreaterThan(1e-3);
      gradient.dataSync().forEach((slope, cell) => {
        expect(Math.abs(slope - exact[cell]!)).toBeLessThan(2e-6 * largest + 1e-9);
      });
    }
  });

  it('is softmax(log a + log c) in the normalised form, and pays no heed to a place of coefficient 0', () => {
    const attention = tf.tensor2d([[0.3, 0.1, 0.2]]);
    const coefficients = tf.tensor2d([[1, 4, 0]]);
    const features = tf.tensor3d([[[1], [2], [1e6]]]);
    const softmax = tf.softmax(tf.log(tf.tensor1d([0.3, 0.4]))).dataSync();
    const value = (form: 'linear' | 'normalised') => combine(attention, coefficients, { features, form }).dataSync()[0];
    expect(value('normalised')).toBeCloseTo(softmax[0]! + 2 * softmax[1]!, 6);
    expect(value('linear')).toBeCloseTo(0.3 + 2 * 0.4, 6);
  });
});
