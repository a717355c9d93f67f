import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { tensorPeak } from '../../src/training/tensor-peak.ts';

describe('tensorPeak', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('tells what was held at once, though it is gone by the end', async () => {
    const held = tf.zeros([100]);
    const before = tf.memory();
    const { result, bytes, added } = await tensorPeak(async () => {
      const sum = tf.tidy(() => tf.sum(tf.add(tf.square(held), tf.sqrt(held))).dataSync()[0]);
      await Promise.resolve();
      return sum;
    });
    expect(result).toBe(0);
    expect(added).toBe(3 * 400 + 4); // square, square root, both added, and their sum
    expect(bytes).toBe(before.numBytes + added);
    expect(tf.memory().numTensors).toBe(before.numTensors);
    held.dispose();
  });

  it('fails as what it watches fails, and can be asked again', async () => {
    const failing = tensorPeak(async () => {
      throw new Error('the reason');
    });
    await expect(failing).rejects.toThrow('the reason');
    expect((await tensorPeak(async () => tf.zeros([2]).dispose())).result).toBeUndefined();
  });
});
