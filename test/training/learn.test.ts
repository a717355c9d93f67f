import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SceneError } from '../../src/errors.ts';
import { ScheduledAdam } from '../../src/training/adam.ts';
import { readExperiment } from '../../src/training/experiment.ts';
import { type Learner, learn } from '../../src/training/learn.ts';
import type { Judged } from '../../src/training/validate.ts';
import { smallNetworks, smallRaster } from '../fakes/small-networks.ts';
import { storedScene } from '../fakes/stored-scene.ts';

const raster = smallRaster(16, 16);
const scene = { id: 'a', path: 'a.tif', class: 'none' };
const unsuitable = new SceneError('scene.unsuitable', 'a.tif has samples that are no numbers');
const judged: Judged = {
  ...{ id: 'a', label: 'none', answer: 'none', probability: 1, standardError: 0 },
  ...{ found: undefined, pulled: undefined, seconds: 0 },
};

describe('learn', () => {
  let folder: string;
  beforeEach(async () => {
    await tf.setBackend('cpu');
    folder = await mkdtemp(join(tmpdir(), 'saccade-learn-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Three steps, judged after each; the checkpoints that stand then, and what it ended with. */
  async function outcome({ soundUntil, checkpoint }: { soundUntil: number; checkpoint: number }) {
    const { model, training } = await readExperiment('experiments/harbour.yaml');
    const networks = smallNetworks();
    let judgements = 0;
    const learner: Learner = {
      networks,
      optimizer: new ScheduledAdam(1),
      store: { load: async () => storedScene(raster, raster) },
      step: async () => ({ loss: 1, accuracy: 1, entropy: 0 }),
      judge: async () => {
        judgements += 1;
        if (judgements > soundUntil) throw unsuitable;
        return [judged];
      },
    };
    const stages = [{ dataset: 'data', steps: 3, learningRate: 1 }];
    const validation = { dataset: 'data', everySteps: 1 };
    const more = { stages, validation, batch: 1, augmentation: { ...training.augmentation, zoom: 0 } };
    return learn(
      {
        experiment: { model, training: { ...training, ...more, checkpointEverySteps: checkpoint } },
        ...{ experimentSha256: 'e', datasets: new Map([['data', [scene]]]), directory: folder },
        signal: new AbortController().signal,
        report: { resumed() {}, step() {}, validated() {} },
      },
      learner,
    );
  }

  it('blames the networks, and no scene that could be judged before, for answers that are no numbers', async () => {
    await expect(outcome({ soundUntil: 1, checkpoint: 2 })).rejects.toMatchObject({
      message: expect.stringMatching(/^the answer of step 2 is no number any more: the last checkpoint stands/),
      cause: unsuitable,
    });
    expect(await readdir(folder)).not.toContain('last.checkpoint.json'); // of step 2, and never kept
  });

  it('names a scene that cannot be judged the first time', async () => {
    await expect(outcome({ soundUntil: 0, checkpoint: 2 })).rejects.toBe(unsuitable);
  });
});
