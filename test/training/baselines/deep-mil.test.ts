import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildNetwork } from '../../../src/model/networks.ts';
import type { Raster } from '../../../src/scene.ts';
import type { ShownScene } from '../../../src/training/baselines/baseline.ts';
import { deepMil, type MilSettings, milGradients } from '../../../src/training/baselines/deep-mil.ts';
import { milScorer } from '../../../src/training/baselines/mil-attention.ts';
import { smallRaster } from '../../fakes/small-networks.ts';
import { storedScene } from '../../fakes/stored-scene.ts';

const PATCH = 6;
const settings: MilSettings = {
  bands: [{ name: 'grey', scale: 1 / 128, offset: -1 }],
  patch: PATCH,
  stride: PATCH,
  patchesAtOnce: 1000,
  clipNorm: 1,
};

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('deepMil', () => {
  it('learns which scenes have a bright patch, and finds it', async () => {
    const baseline = deepMil(networks(), settings);
    const scenes = spots(8);
    const losses: number[] = [];
    for (let step = 0; step < 80; step += 1) losses.push((await baseline.step(scenes, 0.03)).loss);
    expect(losses[0]).toBeGreaterThan(0.5);
    expect(losses.at(-1)).toBeLessThan(0.1);
    for (const { scene, label, at } of spots(16)) {
      const { probabilities, strongest } = await baseline.answer(scene);
      expect(probabilities.indexOf(Math.max(...probabilities))).toBe(label);
      if (label === 1) expect([strongest?.x, strongest?.y]).toEqual([at.x - (at.x % PATCH), at.y - (at.y % PATCH)]);
    }
  });

  it('answers the same in parts as at once', async () => {
    const parts = networks();
    const { scene } = spots(2)[1] as ShownScene;
    const whole = await deepMil(parts, settings).answer(scene);
    const streamed = await deepMil(parts, { ...settings, patchesAtOnce: 5 }).answer(scene); // 16 patches
    whole.probabilities.forEach((p, k) => {
      expect(streamed.probabilities[k]).toBeCloseTo(p, 6);
    });
    expect(streamed.strongest).toEqual(whole.strongest);
  });

  it('answers the same whatever the order of the patches', async () => {
    const baseline = deepMil(networks(), settings);
    const raster = smallRaster(24, 24, 5);
    const [one, other] = [storedScene(raster, raster), storedScene(withPatchesExchanged(raster), raster)];
    const answers = [await baseline.answer(one), await baseline.answer(other)];
    answers[0]?.probabilities.forEach((p, k) => {
      expect(answers[1]?.probabilities[k]).toBeCloseTo(p, 6);
    });
    expect(answers[1]?.strongest).not.toEqual(answers[0]?.strongest);
  });

  it.each([1000, 7])('leaves no tensor behind, %i patches at once', async (patchesAtOnce) => {
    const baseline = deepMil(networks(), { ...settings, patchesAtOnce });
    const scenes = spots(2);
    await baseline.step(scenes, 0.01); // makes the optimizer's moments
    const before = tf.memory().numTensors;
    await baseline.step(scenes, 0.01);
    await baseline.answer((scenes[0] as ShownScene).scene);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('milGradients', () => {
  it('is the same in parts as at once, in every weight', async () => {
    const parts = networks();
    const scenes = spots(3).map((scene, i) => ({ ...scene, weight: 1 + i }));
    const twice = [...scenes, ...scenes.slice(0, 1)]; // a batch may show a scene twice
    const whole = await milGradients(parts, twice, settings);
    const streamed = await milGradients(parts, twice, { ...settings, patchesAtOnce: 7 }); // across scenes
    expect(streamed.facts.loss).toBeCloseTo(whole.facts.loss, 6);
    expect(streamed.facts.accuracy).toBe(whole.facts.accuracy);
    const names = Object.keys(whole.sum.gradients).sort();
    expect(Object.keys(streamed.sum.gradients).sort()).toEqual(names);
    expect(names).toHaveLength(2 + 3 + 2); // kernel and bias; V, U and w; kernel and bias
    for (const name of names) {
      const [a, b] = [whole, streamed].map(({ sum }) => Array.from(sum.gradients[name]?.dataSync() ?? []));
      const largest = Math.max(...(a ?? []).map(Math.abs));
      expect(largest).toBeGreaterThan(1e-5);
      a?.forEach((value, i) => {
        expect(Math.abs(value - (b?.[i] ?? Number.NaN))).toBeLessThan(1e-6 * Math.max(1, largest));
      });
    }
    whole.sum.dispose();
    streamed.sum.dispose();
  });
});

function networks() {
  const conv = { conv: { filters: 4, kernel: 3, stride: 1, activation: 'relu' as const } };
  return {
    feature: buildNetwork('feature', [PATCH, PATCH, 1], [conv, { globalMaxPool: true }], 1),
    scorer: milScorer(4, { hidden: 3, gated: true, seed: 2 }),
    head: buildNetwork('head', [4], [{ dense: { units: 2, activation: 'linear' } }], 3),
  };
}

/** Faint noise of 4 × 4 patches; in every other scene a bright pixel in one of them. */
function spots(count: number): (ShownScene & { at: { x: number; y: number } })[] {
  return Array.from({ length: count }, (_, index) => {
    const raster = smallRaster(24, 24, index);
    const data = Uint8Array.from(raster.data, (sample) => sample / 4);
    const at = { x: 2 + PATCH * (index % 4), y: 3 + PATCH * ((index >> 2) % 4) };
    const label = index % 2;
    if (label === 1) data[at.y * 24 + at.x] = 255;
    return { scene: storedScene({ ...raster, data }, raster), label, weight: 1, at };
  });
}

/** The upper and the lower half exchange their places: patches keep their content. */
function withPatchesExchanged(raster: Raster): Raster {
  const half = raster.data.length / 2;
  const data = raster.data.slice();
  data.set(raster.data.subarray(half), 0);
  data.set(raster.data.subarray(0, half), half);
  return { ...raster, data };
}
