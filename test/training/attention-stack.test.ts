import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { attentionStack } from '../../src/training/attention-stack.ts';
import { readExperiment } from '../../src/training/experiment.ts';
import { openWorkshop } from '../../src/training/workshop.ts';

describe('attentionStack', () => {
  it('tells what the network does that is trained, and leaves no tensor', async () => {
    await tf.setBackend('cpu');
    const experiment = await readExperiment('experiments/harbour.yaml');
    const { glance } = openWorkshop(experiment, { signal: new AbortController().signal });
    const tensors = tf.memory().numTensors;
    expect(attentionStack(experiment.model)).toEqual(glance.stack);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('refuses a network that no model could be made of', async () => {
    const { model } = await readExperiment('experiments/harbour.yaml');
    const networks = { ...model.networks, attention: [{ conv: { filters: 2, kernel: 1 } }] };
    expect(() => attentionStack({ ...model, networks })).toThrow(/^experiment harbour: the attention network gives/);
  });
});
