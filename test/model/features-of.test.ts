import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { featuresOf } from '../../src/model/features-of.ts';
import { buildNetwork, type LayerDescription } from '../../src/model/networks.ts';
import { smallRaster } from '../fakes/small-networks.ts';

const bands = [{ name: 'grey', scale: 1 / 255, offset: 0 }];
const layers: LayerDescription[] = [{ conv: { filters: 4, kernel: 3 } }, { globalMaxPool: true }];
const at = (x: number, y: number, seed = 0) => ({ ...smallRaster(8, 8, seed), centre: [x, y] as const });
const rows = (features: tf.Tensor2D) => features.arraySync();

describe('featuresOf', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('gives features of length 1 where the model says so, in the same direction', () => {
    const network = buildNetwork('feature', [8, 8, 1], layers, 1);
    const patches = [at(0, 0), at(0, 0, 1)];
    const plain = rows(featuresOf(network, patches, { bands }));
    const scaled = rows(featuresOf(network, patches, { bands, features: { normalise: true, position: false } }));
    scaled.forEach((feature, i) => {
      const length = Math.hypot(...plain[i]!);
      expect(length).not.toBeCloseTo(1, 1);
      feature.forEach((value, d) => {
        expect(value).toBeCloseTo(plain[i]![d]! / length, 5);
      });
    });
  });

  it('gives 0, and a gradient that is a number, for a patch of which the network says nothing', () => {
    const network = buildNetwork('feature', [8, 8, 1], layers, 1);
    network.setWeights(network.getWeights().map((weight) => tf.neg(tf.abs(weight)))); // nothing passes the ReLU
    const settings = { bands, features: { normalise: true, position: false } };
    const { value, grads } = tf.variableGrads(() => tf.sum(featuresOf(network, [at(0, 0)], settings)));
    expect(value.dataSync()[0]).toBe(0);
    for (const gradient of Object.values(grads)) expect([...gradient.dataSync()].every(Number.isFinite)).toBe(true);
  });

  it('tells the network where each patch lies, where the model says so', () => {
    const network = buildNetwork('feature', [8, 8, 1], layers, 1, { position: true });
    const settings = { bands, features: { normalise: false, position: true } };
    const found = rows(featuresOf(network, [at(0.25, 0.5), at(1, 0)], settings));
    expect(found.map((feature) => feature.slice(-2))).toEqual([
      [0.25, 0.5],
      [1, 0],
    ]);
    expect(() => featuresOf(network, [smallRaster(8, 8)], settings)).toThrow('is not told');
  });
});
