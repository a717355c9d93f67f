import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { concluder } from '../../src/model/effects-of.ts';
import { estimatorNames } from '../../src/model/estimators/estimator-name.ts';
import type { Draw } from '../../src/model/model.ts';
import { buildNetwork, type LayerDescription } from '../../src/model/networks.ts';

const linear = (units: number): LayerDescription => ({ dense: { units, activation: 'linear' } });
/** Changes nothing, but that what follows from a sum of weighted features is not made use of. */
const asItIs: LayerDescription = { activation: 'linear' };

const places = [0.4, 0.3, 0.2, 0.05];
const drawn = (estimator: Draw['estimator']): Draw => ({
  estimator,
  seed: 0,
  cells: places.map((attention, cell) => ({ cell, attention, coefficient: 1 / (4 * attention + cell) })),
});

function conclusion(layers: readonly LayerDescription[], draw: Draw, strength = 1) {
  const features: tf.Tensor2D = tf.mul(tf.randomNormal([places.length, 6], 0, 1, 'float32', 7), strength);
  const { ask, tell } = concluder(buildNetwork('head', [6], layers, 3));
  return tell(ask(features, draw).map((tensor) => tensor.dataSync<'float32'>()));
}

describe('concluder', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it.each(estimatorNames)('tells of a head without bends what its gradient tells, with %s', (estimator) => {
    for (const layers of [[linear(4)], [linear(5), linear(3)]]) {
      const [told, byGradient] = [layers, [...layers, asItIs]].map((head) => conclusion(head, drawn(estimator)));
      told!.probabilities.forEach((p, i) => {
        expect(p).toBeCloseTo(byGradient!.probabilities[i]!, 6);
      });
      expect(told!.effects).toHaveLength(places.length);
      told!.effects.forEach((effect, i) => {
        expect(effect).toBeCloseTo(byGradient!.effects[i]!, 5);
      });
    }
  });

  it('goes by the gradient at the estimated feature where the head bends', () => {
    const { effects } = conclusion([{ dense: { units: 5 } }, linear(3)], drawn('top'));
    const straight = conclusion([linear(5), linear(3)], drawn('top'));
    expect(effects.every(Number.isFinite)).toBe(true);
    expect(effects).not.toEqual(straight.effects);
  });

  it('has no effect that is no number where the answer is certain', () => {
    const { probabilities, effects } = conclusion([linear(4)], drawn('top'), 1e4);
    expect(Math.max(...probabilities)).toBe(1);
    expect(effects.every(Number.isFinite)).toBe(true);
    expect(effects.some((effect) => effect !== 0)).toBe(true);
  });
});
