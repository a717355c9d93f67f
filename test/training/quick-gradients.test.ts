import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // brings the gradients of tfjs itself
import { beforeAll, describe, expect, it } from 'vitest';
import { registerQuickGradients } from '../../src/training/quick-gradients.ts';

describe('registerQuickGradients', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('leaves the gradient of ReLU as it is, without the step that makes it slow', async () => {
    const before = await gradient();
    registerQuickGradients();
    const after = await gradient();
    expect(before.values).toEqual([0, 0, 7, 11]);
    expect(after.values).toEqual([0, 0, 7, 11]);
    expect(before.kernels).toContain('Step');
    expect(after.kernels).not.toContain('Step');
  });
});

/** At −2, 0, just above it and 4; and the kernels that it took. */
async function gradient(): Promise<{ values: number[]; kernels: string[] }> {
  const { result, kernelNames } = await tf.profile(() =>
    tf.tidy(() => {
      const slope = tf.grad((x) => tf.mul(tf.relu(x), [3, 5, 7, 11]));
      return slope(tf.tensor1d([-2, 0, 1e-20, 4]));
    }),
  );
  const values = Array.from((result as tf.Tensor).dataSync());
  tf.dispose(result);
  return { values, kernels: [...kernelNames] };
}
