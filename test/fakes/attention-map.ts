import type { AttentionMap } from '../../src/scene.ts';

/** Attention in proportion to the given weights, in one row unless a width is given. */
export function attentionMap(weights: readonly number[], width = weights.length): AttentionMap {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return { values: Float32Array.from(weights, (weight) => weight / sum), width, height: weights.length / width };
}
