import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // brings the gradients of tfjs-core's operations
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { quantise } from '../../src/model/estimators/quantise.ts';
import type { Draw } from '../../src/model/model.ts';
import { estimateBatch } from '../../src/training/estimate-batch.ts';
import { everyOrder, everyStart, everySubset } from '../model/estimators/every-draw.ts';

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
    const [first, second] = [0.1 * 5 * 1 + 0.4 * 2, 0.7 * 3 + 0.1 * 3 * 4];
    expect(found[0]![0]).toBeCloseTo(first + (1 - 0.9) * second, 6);
    expect(found[1]![0]).toBeCloseTo(second, 6);
  });

  it('takes draws of different sizes, takes the mean of other scenes off the slopes, and sends none to what a scene lacks', () => {
    const draws = [drawOf([3, 2.5]), drawOf([0, 1], [1, 2], [2, 1]), drawOf([1, 2], [2, 2])]; // weights sum to 1
    const features = tf.tensor2d([[1], [2], [3], [4], [5], [6]]);
    const [attention, estimates] = [tf.tensor2d(ATTENTION), [1, 0.7 * 2 + 0.2 * 3 + 0.1 * 4, 0.5 * 5 + 0.5 * 6]];
    near(estimateBatch(attention, features, draws), estimates);
    const [byAttention, byFeature] = slopes(attention, features, draws);
    const others = estimates.map((own) => (estimates.reduce((sum, other) => sum + other, 0) - own) / 2);
    near(byAttention, [
      ...[0, 0, 0, 2.5 * (1 - others[0]!)],
      ...[2 - others[1]!, 2 * (3 - others[1]!), 4 - others[1]!, 0],
      ...[0, 2 * (5 - others[2]!), 2 * (6 - others[2]!), 0],
    ]);
    near(byFeature, [1, 0.7, 0.2, 0.1, 0.5, 0.5]);
  });

  it.each(['systematic', 'uniform', 'without-replacement'] as const)(
    'is unbiased, and so are its gradients, over all pairs of draws that two scenes can give: %s',
    (estimator) => {
      const every = { systematic: everyStart, uniform: everySubset, 'without-replacement': everyOrder }[estimator];
      const maps = ATTENTION.slice(0, 2).map((values) =>
        quantise({ values: Float32Array.from(values), width: 2, height: 2 }),
      );
      const y = [
        [3, 5, 2, 4],
        [1, -2, 7, 2],
      ];
      const attention = tf.tensor2d(ATTENTION.slice(0, 2));
      const [first, second] = maps.map((map) => every(map, 2));
      let [chance, value] = [0, 0];
      const [byAttention, byFeature] = [new Float64Array(8), new Float64Array(8)];
      for (const one of first!) {
        for (const other of second!) {
          const probability = one.probability * other.probability;
          const draws = [one, other].map(({ cells }): Draw => ({ estimator, seed: 0, cells }));
          const places = draws.flatMap(({ cells }, scene) => cells.map(({ cell }) => ({ scene, cell })));
          const features = tf.tensor2d(places.map(({ scene, cell }) => [y[scene]![cell]!]));
          const [slopesOfAttention, slopesOfFeatures] = slopes(attention, features, draws);
          chance += probability;
          value += probability * tf.sum(estimateBatch(attention, features, draws)).dataSync()[0]!;
          slopesOfAttention.dataSync().forEach((slope, i) => {
            byAttention[i]! += probability * slope;
          });
          slopesOfFeatures.dataSync().forEach((slope, n) => {
            byFeature[places[n]!.scene * 4 + places[n]!.cell]! += probability * slope;
          });
        }
      }
      expect(Math.abs(chance - 1)).toBeLessThan(1e-5);
      expect(value).toBeCloseTo(
        ATTENTION.slice(0, 2)
          .flatMap((a, s) => a.map((w, i) => w * y[s]![i]!))
          .reduce((s, x) => s + x),
        4,
      );
      byFeature.forEach((weight, i) => {
        expect(weight).toBeCloseTo(ATTENTION.flat()[i]!, 4);
      });
      // Attention sums to 1: only differences between the slopes of one scene's cells count.
      for (const scene of [0, 1]) {
        for (const cell of [1, 2, 3]) {
          const [found, zero] = [byAttention[scene * 4 + cell]!, byAttention[scene * 4]!];
          expect(found - zero).toBeCloseTo(y[scene]![cell]! - y[scene]![0]!, 4);
        }
      }
    },
  );
});

function slopes(attention: tf.Tensor2D, features: tf.Tensor2D, draws: readonly Draw[]): [tf.Tensor, tf.Tensor] {
  const total = (a: tf.Tensor, f: tf.Tensor) => tf.sum(estimateBatch(a as tf.Tensor2D, f as tf.Tensor2D, draws));
  const [byAttention, byFeature] = tf.grads(total as (...args: tf.Tensor[]) => tf.Tensor)([attention, features]);
  return [byAttention!, byFeature!];
}

function near(found: tf.Tensor, expected: readonly number[]): void {
  const values = Array.from(found.dataSync());
  expect(values).toHaveLength(expected.length);
  values.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 5);
  });
}
