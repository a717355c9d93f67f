import '@tensorflow/tfjs-backend-cpu';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBaseline, saveBaseline } from '../../../src/training/baselines/baseline-files.ts';
import { type BaselineDescription, baselineSchema } from '../../../src/training/baselines/describe-baseline.ts';
import { judgeBaseline } from '../../../src/training/baselines/judge-baseline.ts';
import { type TrainedBaseline, trainBaseline, withOverviews } from '../../../src/training/baselines/train-baseline.ts';
import { type Experiment, readExperiment } from '../../../src/training/experiment.ts';
import { makeHarbour } from '../../../src/training/harbour/make-harbour.ts';
import { type LabelledScene, readLabels } from '../../../src/training/labels.ts';
import type { TrainingReport } from '../../../src/training/learn.ts';
import { sceneStore } from '../../../src/training/scene-store.ts';

const conv = { conv: { filters: 3, kernel: 5, stride: 4 } };
const kinds = {
  'deep-mil': { kind: 'deep-mil', stride: 160, hidden: 4, patchesAtOnce: 20 },
  cnn: {
    kind: 'cnn',
    scale: 0.15,
    scenesAtOnce: 2,
    layers: [conv, { globalMaxPool: true }, { dense: { units: 4, activation: 'linear' } }],
  },
} as const;

let folder: string;
let scenes: readonly LabelledScene[];
let experiment: Experiment;
const silent: TrainingReport = { resumed() {}, step() {}, validated() {} };

beforeAll(async () => {
  await tf.setBackend('cpu');
  folder = await mkdtemp(join(tmpdir(), 'saccade-rivals-'));
  await makeHarbour({ directory: join(folder, 'data'), scenes: 8, sizes: [512], seed: 3 });
  scenes = await readLabels(join(folder, 'data'));
  experiment = small(await readExperiment('experiments/harbour.yaml'));
});
afterAll(() => rm(folder, { recursive: true }));

describe.each(Object.entries(kinds))('trainBaseline: %s', (name, settings) => {
  const description: BaselineDescription = baselineSchema.parse(settings);
  const run = (directory: string, report: Partial<TrainingReport> = {}, { signal } = new AbortController()) =>
    trainBaseline(
      {
        experiment: { ...experiment, baseline: description },
        experimentSha256: name,
        datasets: new Map([['data', scenes]]),
        directory: join(folder, name, directory),
        signal,
        report: { ...silent, ...report },
      },
      description,
    );

  it('refuses networks that do not answer with one number a class', async () => {
    const { model, training } = experiment;
    const classes = [...model.classes, 'raft'];
    const unfit = {
      experiment: { model: { ...model, classes }, training },
      experimentSha256: name,
      datasets: new Map(),
    };
    const { signal } = new AbortController();
    await expect(
      trainBaseline({ ...unfit, directory: join(folder, name, 'unfit'), signal, report: silent }, description),
    ).rejects.toThrow('experiment harbour: the head gives 4, and the model has 5 classes');
  });

  it('goes on after an interruption to exactly the weights of an uninterrupted run', async () => {
    const tensors: number[] = [];
    const whole = await run('whole', { step: () => tensors.push(tf.memory().numTensors) });
    expect(new Set(tensors.slice(1)).size).toBe(1); // the optimizer's moments are made in the first step
    const stop = new AbortController();
    expect(await run('broken', { step: (step) => (step === 3 ? stop.abort() : undefined) }, stop)).toBeUndefined();
    const resumed: number[] = [];
    const mended = await run('broken', { resumed: (step) => resumed.push(step) });
    expect(resumed).toEqual([3]);
    expect(weights(mended)).toEqual(weights(whole));
    expect(whole?.judged).toHaveLength(8);
  });

  it('is kept in a directory, and answers the same when it is loaded from there', async () => {
    const directory = join(folder, name, 'kept');
    const trained = (await run('trained')) as TrainedBaseline;
    const made = { command: 'test', backend: 'cpu' };
    await saveBaseline(directory, trained, { ...experiment, baseline: description }, made);
    const { baseline, overviewScale, file } = await loadBaseline(directory);
    const { model } = withOverviews(experiment, overviewScale);
    const { signal } = new AbortController();
    const store = sceneStore({ model, cacheBytes: 0, signal });
    const judged = await judgeBaseline(scenes, { baseline, store, classes: model.classes, signal });
    const answers = (of: TrainedBaseline['judged']) => of.map(({ seconds, ...rest }) => rest);
    expect(answers(judged)).toEqual(answers(trained.judged));
    expect(file.training.steps).toBe(trained.step);
    await appendFile(join(directory, Object.values(file.networks)[0]?.path ?? ''), ' ');
    await expect(loadBaseline(directory)).rejects.toThrow('is missing or damaged');
  });
});

describe('withOverviews', () => {
  it('moves scenes as far over overviews of another scale', () => {
    const panned = {
      ...experiment,
      training: { ...experiment.training, augmentation: { ...experiment.training.augmentation, pan: 3 } },
    };
    const { model, training } = withOverviews(panned, 4);
    expect(model.overview).toEqual({ scale: 4, resampling: 'average' });
    expect(training.augmentation.pan).toBe(12); // 48 pixels of the scene, as before
  });
});

function weights(trained: TrainedBaseline | undefined): number[][] {
  const networks = Object.values(trained?.baseline.networks ?? {});
  const found = networks.flatMap((network) => network.getWeights().map((weight) => Array.from(weight.dataSync())));
  expect(found.length).toBeGreaterThan(3);
  return found;
}

function small({ model, training }: Experiment): Experiment {
  const relu = { conv: { filters: 4, kernel: 5, stride: 4, activation: 'relu' as const } };
  return {
    model: {
      ...model,
      patch: { size: 32 },
      networks: { ...model.networks, feature: [relu, { maxPool: 4 }, { globalMaxPool: true as const }] },
    },
    training: {
      ...training,
      batch: 3,
      cacheMegabytes: 100,
      stages: [{ dataset: 'data', steps: 6, learningRate: 0.01 }],
      validation: { dataset: 'data', everySteps: 3 },
    },
  };
}
