import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildNetwork } from '../../../src/model/networks.ts';
import { averageDown } from '../../../src/sources/rasters/average-down.ts';
import type { ShownScene } from '../../../src/training/baselines/baseline.ts';
import { type CnnSettings, overviewScale, scaledCnn } from '../../../src/training/baselines/scaled-cnn.ts';
import { smallRaster } from '../../fakes/small-networks.ts';
import { storedScene } from '../../fakes/stored-scene.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('overviewScale', () => {
  it('is the whole factor next to the scale, from which the rest can be made', () => {
    expect([1, 0.6, 0.5, 0.3, 1 / 3, 1 / 16, 1 / 49].map(overviewScale)).toEqual([1, 1, 2, 3, 3, 16, 49]);
  });
});

describe('scaledCnn', () => {
  it.each([1, 0.3])('learns what can be seen at scale %s', async (scale) => {
    const baseline = scaledCnn(network(), settings(scale));
    for (let step = 0; step < 50; step += 1) await baseline.step(await scenes(8, scale), 0.03);
    for (const { scene, label } of await scenes(20, scale)) {
      const { probabilities } = await baseline.answer(scene);
      expect(probabilities.indexOf(Math.max(...probabilities))).toBe(label);
    }
  });

  it('takes the same step in parts as at once, and leaves no tensor behind', async () => {
    const weighted = (await scenes(5, 0.5)).map((scene, i) => ({ ...scene, weight: 0.5 + i }));
    const step = async (scenesAtOnce: number) => {
      const cnn = network();
      const baseline = scaledCnn(cnn, { ...settings(0.5), scenesAtOnce });
      const facts = await baseline.step(weighted, 1e-3);
      const before = tf.memory().numTensors;
      await baseline.step(weighted, 1e-3);
      await baseline.answer((weighted[0] as ShownScene).scene);
      expect(tf.memory().numTensors).toBe(before);
      return { ...facts, weights: cnn.getWeights().flatMap((weight) => Array.from(weight.dataSync())) };
    };
    const [whole, parts] = [await step(8), await step(2)];
    expect(parts.loss).toBeCloseTo(whole.loss, 6);
    expect(parts.accuracy).toBeCloseTo(whole.accuracy, 6);
    whole.weights.forEach((weight, i) => {
      expect(parts.weights[i]).toBeCloseTo(weight, 5);
    });
  });
});

function network() {
  const conv = { conv: { filters: 4, kernel: 3, stride: 1, activation: 'relu' as const } };
  const head = { dense: { units: 2, activation: 'linear' as const } };
  return buildNetwork('cnn', [null, null, 1], [conv, { globalMaxPool: true }, head], 1);
}

function settings(scale: number): CnnSettings {
  return { bands: [{ name: 'grey', scale: 1 / 128, offset: -1 }], scale, scenesAtOnce: 8, clipNorm: 1 };
}

/** Noise, and in every other scene a bright square of 4 × 4. */
function scenes(count: number, scale: number): Promise<ShownScene[]> {
  const shown = Array.from({ length: count }, async (_, index) => {
    const raster = smallRaster(24, 20, index);
    const data = Uint8Array.from(raster.data, (sample) => sample / 4);
    const label = index % 2;
    for (let i = 0; label === 1 && i < 16; i += 1) data[(8 + Math.floor(i / 4)) * 24 + (index % 20) + (i % 4)] = 255;
    const whole = { ...raster, data };
    const overview = await averageDown(whole, overviewScale(scale), new AbortController().signal);
    return { scene: storedScene(whole, overview), label, weight: 1 };
  });
  return Promise.all(shown);
}
