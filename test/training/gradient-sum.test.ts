import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { scoped } from '../../src/model/scope.ts';
import { GradientSum } from '../../src/training/gradient-sum.ts';

describe('GradientSum', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('adds by name, outlives the scopes of what was added, and goes when told', () => {
    const before = tf.memory().numTensors;
    const sum = new GradientSum();
    scoped(() => sum.add({ a: tf.tensor1d([1, 2]), b: tf.scalar(5) }));
    scoped(() => sum.add({ a: tf.tensor1d([10, 20]) }));
    expect(Array.from(sum.gradients['a']?.dataSync() ?? [])).toEqual([11, 22]);
    expect(Array.from(sum.gradients['b']?.dataSync() ?? [])).toEqual([5]);
    expect(tf.memory().numTensors).toBe(before + 2);
    sum.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
