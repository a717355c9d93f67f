import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { milAttention, milPool, milScorer } from '../../../src/training/baselines/mil-attention.ts';

/** Two patches with features h₁ = (1, 2) and h₂ = (−1, 0.5), one hidden number: V = (0.3, −0.2), U = (0.5, 0.1), w = 2. */
const [V, U, W] = [[0.3, -0.2], [0.5, 0.1], 2] as const;
const PATCHES = [
  [1, 2],
  [-1, 0.5],
] as const;
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
const softmax = (scores: readonly number[]) => {
  const sum = scores.reduce((all, score) => all + Math.exp(score), 0);
  return scores.map((score) => Math.exp(score) / sum);
};

beforeAll(async () => {
  await tf.setBackend('cpu');
});
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

describe('milAttention', () => {
  const features = () => tf.tensor3d([PATCHES.map((patch) => [...patch])]);
  const column = (values: readonly number[]) => tf.tensor2d([...values], [values.length, 1]);

  it('is softmax of wᵀ tanh(V h)', () => {
    const scorer = milScorer(2, { hidden: 1, gated: false, seed: 1 });
    scorer.setWeights([column(V), column([W])]);
    const wanted = softmax(PATCHES.map((h) => W * Math.tanh(dot(V, h))));
    const found = milAttention(scorer, features()).dataSync();
    found.forEach((a, i) => {
      expect(a).toBeCloseTo(wanted[i] as number, 6);
    });
    expect(found[0]).toBeCloseTo(0.63658, 4); // by hand: tanh(−0.1) = −0.09967, tanh(−0.4) = −0.37995, σ(2 · 0.28028)
  });

  it('is softmax of wᵀ (tanh(V h) ⊙ sigmoid(U h)) when gated', () => {
    const scorer = milScorer(2, { hidden: 1, gated: true, seed: 1 });
    scorer.setWeights([column(V), column(U), column([W])]);
    const gate = (h: readonly number[]) => 1 / (1 + Math.exp(-dot(U, h)));
    const wanted = softmax(PATCHES.map((h) => W * Math.tanh(dot(V, h)) * gate(h)));
    const found = milAttention(scorer, features()).dataSync();
    found.forEach((a, i) => {
      expect(a).toBeCloseTo(wanted[i] as number, 6);
    });
  });

  it.each([true, false])('sums to 1 in each scene by itself (gated: %s)', (gated) => {
    const scorer = milScorer(5, { hidden: 7, gated, seed: 2 });
    const two = tf.randomNormal<tf.Rank.R3>([2, 9, 5], 0, 3, 'float32', 4);
    const attention = milAttention(scorer, two);
    for (const sum of tf.sum(attention, 1).dataSync()) expect(sum).toBeCloseTo(1, 6);
    const alone = milAttention(scorer, tf.slice(two, [1, 0, 0], [1, 9, 5]));
    expect(Array.from(alone.dataSync())).toEqual(Array.from(attention.dataSync()).slice(9));
  });
});

describe('milPool', () => {
  it('is the sum of features, each as often as it has attention', () => {
    const pooled = milPool(tf.tensor2d([[0.25, 0.75]]), tf.tensor3d([PATCHES.map((patch) => [...patch])]));
    expect(Array.from(pooled.dataSync())).toEqual([0.25 - 0.75, 0.5 + 0.375]);
  });
});
