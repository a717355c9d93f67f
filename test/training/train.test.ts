import '@tensorflow/tfjs-backend-cpu';
import { appendFile, mkdtemp, readdir, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadModel } from '../../src/model/load-model.ts';
import { errorOf } from '../../src/training/evaluation.ts';
import { type Experiment, readExperiment } from '../../src/training/experiment.ts';
import { exportModel } from '../../src/training/export-model.ts';
import { makeHarbour } from '../../src/training/harbour/make-harbour.ts';
import { type LabelledScene, readLabels } from '../../src/training/labels.ts';
import type { TrainingReport } from '../../src/training/learn.ts';
import { type Trained, train } from '../../src/training/train.ts';

describe('train', () => {
  let folder: string;
  let scenes: readonly LabelledScene[];
  let experiment: Experiment;
  const silent: TrainingReport = { resumed() {}, step() {}, validated() {} };

  beforeAll(async () => {
    await tf.setBackend('cpu');
    folder = await mkdtemp(join(tmpdir(), 'saccade-train-'));
    await makeHarbour({ directory: join(folder, 'data'), scenes: 8, sizes: [512], seed: 3 });
    scenes = await readLabels(join(folder, 'data'));
    experiment = small(await readExperiment('experiments/harbour.yaml'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const run = (
    name: string,
    report: Partial<TrainingReport> = {},
    signal = new AbortController().signal,
    data: readonly LabelledScene[] = scenes,
    changes: Partial<Experiment['training']> = {},
  ) =>
    train({
      experiment: { ...experiment, training: { ...experiment.training, ...changes } },
      experimentSha256: 'the same',
      datasets: new Map([['data', data]]),
      directory: join(folder, name),
      signal,
      report: { ...silent, ...report },
    });
  const weights = (trained: Trained | undefined) =>
    Object.values(trained?.networks ?? {}).flatMap((network) =>
      network.getWeights().map((w) => Array.from(w.dataSync())),
    );

  it('goes on after an interruption to exactly the weights of an uninterrupted run, wherever it was', async () => {
    const whole = await run('whole');
    expect(weights(whole).flat().length).toBeGreaterThan(100);
    for (const stopAt of [2, 5]) {
      const stop = new AbortController();
      const step = (step: number) => (step === stopAt ? stop.abort() : undefined);
      expect(await run(`broken-${stopAt}`, { step }, stop.signal)).toBeUndefined();
      const resumed: number[] = [];
      const mended = await run(`broken-${stopAt}`, { resumed: (step) => resumed.push(step) });
      expect(resumed).toEqual([stopAt]);
      expect(weights(mended)).toEqual(weights(whole));
    }
  });

  it('judges networks that are kept as they are, and takes no step', async () => {
    const whole = await run('kept');
    const judged = await train({
      ...{ experiment, experimentSha256: 'another', datasets: new Map([['data', scenes]]) },
      directory: join(folder, 'not made'),
      networks: join(folder, 'kept', 'best.checkpoint.json'),
      signal: new AbortController().signal,
      report: { ...silent, step: () => expect.unreachable() },
    });
    const answers = (of: Trained | undefined) => of?.judged.map(({ seconds, ...answer }) => answer);
    expect([judged?.step, weights(judged), answers(judged)]).toEqual([whole?.step, weights(whole), answers(whole)]);
    await expect(readdir(join(folder, 'not made'))).rejects.toThrow('ENOENT');
  });

  it('leaves a validation at once when it is stopped, and makes up for it when it goes on', async () => {
    const judged: (readonly [step: number, errors: number])[] = [];
    const validated: TrainingReport['validated'] = (step, scenes) => judged.push([step, errorOf(scenes)]);
    const whole = await run('judged', { validated });
    const expected = judged.splice(0);
    expect(expected.map(([step]) => step)).toEqual([3, 6, expect.any(Number)]);
    for (const stopAt of [3, 6]) {
      const stop = new AbortController();
      const step = (step: number) => (step === stopAt ? stop.abort() : undefined);
      const name = `judged-${stopAt}`;
      expect(await run(name, { step, validated }, stop.signal)).toBeUndefined();
      const kept = JSON.parse(await readFile(join(folder, name, 'last.checkpoint.json'), 'utf8'));
      expect(kept).toMatchObject({ step: stopAt, unjudged: true });
      const mended = await run(name, { validated });
      expect(judged.splice(0)).toEqual(expected);
      expect([mended?.step, weights(mended)]).toEqual([whole?.step, weights(whole)]);
    }
  });

  it('is stopped while the best networks are judged, and then takes no further step', async () => {
    const stop = new AbortController();
    let validations = 0;
    const validated = () => (++validations === 2 ? stop.abort() : undefined);
    expect(await run('late', { validated }, stop.signal)).toBeUndefined();
    const steps: number[] = [];
    const trained = await run('late', { step: (step) => steps.push(step) });
    expect(steps).toEqual([]);
    expect(trained?.judged).toHaveLength(8);
  });

  it('keeps its steps when it is stopped while a batch is being read', async () => {
    const stop = new AbortController();
    let asked = 0;
    const interrupting = scenes.map((scene) => ({
      ...scene,
      get path() {
        asked += 1;
        if (asked === 2 * experiment.training.batch + 1) stop.abort(); // the first scene of the third batch
        return scene.path;
      },
    }));
    expect(await run('reading', {}, stop.signal, interrupting)).toBeUndefined();
    const resumed: number[] = [];
    const [whole, mended] = [await run('unread'), await run('reading', { resumed: (step) => resumed.push(step) })];
    expect([1, 2]).toEqual(expect.arrayContaining(resumed)); // the second batch is kept if its patches were read already
    expect(resumed).toHaveLength(1);
    expect(weights(mended)).toEqual(weights(whole));
  });

  it('moves all three networks, and keeps no tensor from step to step', async () => {
    const tensors: number[] = [];
    const losses: number[] = [];
    const trained = await run('counted', {
      step(_, { loss }) {
        tensors.push(tf.memory().numTensors);
        losses.push(loss);
      },
    });
    expect(new Set(tensors.slice(1)).size).toBe(1); // the optimizer's moments are made in the first step
    expect(losses.every(Number.isFinite)).toBe(true);
    const start = await run('start', {}, AbortSignal.abort());
    expect(start).toBeUndefined();
    const first = JSON.parse(await readFile(join(folder, 'start', 'last.checkpoint.json'), 'utf8'));
    const last = JSON.parse(await readFile(join(folder, 'counted', 'last.checkpoint.json'), 'utf8'));
    for (const name of ['attention', 'feature', 'head']) expect(last.networks[name]).not.toEqual(first.networks[name]);
    expect(trained?.judged).toHaveLength(8);
  });

  it('ends in one clear line when the loss is no number any more, and the last checkpoint stands', async () => {
    const steep = { dataset: 'data', steps: 4, learningRate: 1e38 };
    const changes = {
      stages: [{ dataset: 'data', steps: 2, learningRate: 0.001 }, steep],
      validation: { dataset: 'data', everySteps: 6 },
      ...{ checkpointEverySteps: 2, clipNorm: 1e38 },
    };
    const lost = run('lost', {}, undefined, scenes, changes);
    await expect(lost).rejects.toThrow(
      /^the (loss|attention) of step 4 is no number any more: the last checkpoint stands; look for .*, or begin another run \(--run\) from it/,
    );
    const kept = JSON.parse(await readFile(join(folder, 'lost', 'last.checkpoint.json'), 'utf8'));
    expect(kept.step).toBe(2);
    const entries = (await readFile(join(folder, 'lost', 'training.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(entries.map((line) => JSON.parse(line).loss).every(Number.isFinite)).toBe(true);
    expect(entries).toHaveLength(3);
    // What the message says to do.
    const start = join(folder, 'lost', 'last.checkpoint.json');
    const again = await run('found', {}, undefined, scenes, { start });
    expect(again?.judged).toHaveLength(8);
  });

  it.each([
    { everySteps: 1, checkpointEverySteps: 4 },
    { everySteps: 4, checkpointEverySteps: 1 },
  ])('blames no scene for weights that a step has made useless, and does not keep them: %o', async (often) => {
    const { everySteps, checkpointEverySteps } = often;
    const changes = {
      stages: [{ dataset: 'data', steps: 4, learningRate: 1e20 }],
      validation: { dataset: 'data', everySteps },
      checkpointEverySteps,
    };
    const name = `useless-${everySteps}`;
    const lost = run(name, {}, undefined, scenes, changes);
    await expect(lost).rejects.toThrow('the update of step 1 is no number any more: the last checkpoint stands');
    expect((await readdir(join(folder, name))).filter((file) => file.includes('checkpoint'))).toEqual([]);
  });

  it('begins with the networks of a checkpoint, which it does not need any more where it has its own', async () => {
    await run('warm');
    const start = join(folder, 'warm', 'best.checkpoint.json');
    const whole = await run('warmed', {}, undefined, scenes, { start });
    expect(weights(whole)).not.toEqual(weights(await run('warm')));
    const stop = new AbortController();
    const step = (step: number) => (step === 2 ? stop.abort() : undefined);
    await run('warmed-broken', { step }, stop.signal, scenes, { start });
    await rm(start);
    expect(weights(await run('warmed-broken', {}, undefined, scenes, { start }))).toEqual(weights(whole));
    const begun = run('warmed-late', {}, undefined, scenes, { start });
    await expect(begun).rejects.toThrow(`there is no checkpoint at ${start}`);
  });

  it('ends early when validation has lost patience, with the step that did best', async () => {
    const steps: number[] = [];
    const stages = [{ dataset: 'data', steps: 50, learningRate: 1e-12 }]; // learns nothing
    const validation = { dataset: 'data', everySteps: 2, patience: 3 };
    const report = { step: (step: number) => steps.push(step) };
    const trained = await run('patient', report, undefined, scenes, { stages, validation });
    expect(steps).toHaveLength(2 + 3 * 2); // the first validation is the best there is
    expect(trained?.judged).toHaveLength(8);
  });

  it('looks at another number of places each step where the experiment says so, the same when it goes on', async () => {
    const changes = { patches: [1, 3] };
    const whole = await run('mixed', {}, undefined, scenes, changes);
    const stop = new AbortController();
    const step = (step: number) => (step === 3 ? stop.abort() : undefined);
    await run('mixed-broken', { step }, stop.signal, scenes, changes);
    expect(weights(await run('mixed-broken', {}, undefined, scenes, changes))).toEqual(weights(whole));
    expect(weights(whole)).not.toEqual(weights(await run('unmixed')));
  });

  it('leaves a log without gaps and repeats, and a picture of it, however often it was stopped', async () => {
    for (const stopAt of [2, 4, 6]) {
      const stop = new AbortController();
      await run('logged', { step: (step) => (step === stopAt ? stop.abort() : undefined) }, stop.signal);
      await appendFile(join(folder, 'logged', 'training.jsonl'), '{"step":99,"loss":1,"accuracy":1,"entropy":1}\n{"st');
    }
    await run('logged');
    const lines = (await readFile(join(folder, 'logged', 'training.jsonl'), 'utf8')).trimEnd().split('\n');
    const entries = lines.map((line) => JSON.parse(line));
    expect(entries.filter((entry) => 'loss' in entry).map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(entries.filter((entry) => 'validationError' in entry).map(({ step }) => step)).toEqual([3, 6]);
    const picture = await sharp(join(folder, 'logged', 'curves.png')).metadata();
    expect(picture.format).toBe('png');
  });

  it('refuses networks that no model could be made of, a line for each misfit', async () => {
    const { model, training } = experiment;
    const networks = {
      ...model.networks,
      attention: [{ conv: { filters: 2, kernel: 1 } }],
      head: [{ dense: { units: 5 } }],
    };
    const misfit = train({
      experiment: { model: { ...model, networks }, training },
      experimentSha256: 'misfit',
      datasets: new Map([['data', scenes]]),
      directory: join(folder, 'misfit'),
      signal: new AbortController().signal,
      report: silent,
    });
    await expect(misfit).rejects.toMatchObject({
      mistakes: [
        expect.stringMatching(/^experiment harbour: the attention network gives .* × 2 a scene/),
        expect.stringMatching(/^experiment harbour: the head gives 5, and the model has 4 classes/),
      ],
    });
  });

  it('refuses a step with scenes of different sizes, whichever comes first', async () => {
    await makeHarbour({ directory: join(folder, 'large'), scenes: 1, sizes: [640], seed: 3 });
    const larger = await readLabels(join(folder, 'large'));
    const stages = [{ dataset: 'data', steps: 1, learningRate: 0.01 }];
    for (const seed of [1, 2, 3, 4]) {
      const mixed = run(`mixed-${seed}`, {}, undefined, [...scenes.slice(0, 1), ...larger], { seed, stages, batch: 2 });
      await expect(mixed).rejects.toThrow(/of different sizes: .* (32 × 32, .* 40 × 40|40 × 40, .* 32 × 32); scenes/);
    }
  });

  it('refuses to go on with another experiment', async () => {
    await run('mine');
    const other = train({
      experiment,
      experimentSha256: 'another',
      datasets: new Map([['data', scenes]]),
      directory: join(folder, 'mine'),
      signal: new AbortController().signal,
      report: silent,
    });
    await expect(other).rejects.toThrow('another version of the experiment');
  });

  it('tells the step of the networks that are left where those of the best one are damaged or lost', async () => {
    const best = join(folder, 'damaged', 'best.checkpoint.json');
    const stages = [{ dataset: 'data', steps: 4, learningRate: 1e-12 }]; // every validation is as good as the first
    const changes = { stages, validation: { dataset: 'data', everySteps: 2 } };
    const again = () => run('damaged', {}, undefined, scenes, changes);
    expect((await again())?.step).toBe(4);
    await truncate(best, 100);
    expect((await again())?.step).toBe(2);
    await Promise.all([best, `${best}.previous`].map((file) => rm(file)));
    expect((await again())?.step).toBe(4);
  });

  it('exports a model directory that loads', async () => {
    const trained = await run('exported');
    const directory = join(folder, 'model');
    const made = { command: 'test', backend: 'cpu', dataset: { name: 'data', sha256: '', scenes: 8 } };
    const manifest = await exportModel(directory, trained as Trained, experiment, made);
    expect(manifest.training).toMatchObject({ seed: 1, validation: { scenes: 8 } });
    const model = await loadModel(directory, { backend: 'wasm', threads: 1 });
    expect(model.manifest).toEqual(manifest);
    await model.close();
  });
});

/** The bundled model's experiment with next to no weights and steps. */
function small({ model, training }: Experiment): Experiment {
  const relu = (filters: number, kernel: number, stride: number) => ({
    conv: { filters, kernel, stride, activation: 'relu' as const },
  });
  const networks = {
    attention: [relu(2, 3, 1), { conv: { filters: 1, kernel: 1, stride: 1, activation: 'linear' as const } }],
    feature: [relu(4, 5, 4), { globalMaxPool: true as const }],
    head: model.networks.head,
  };
  return {
    model: { ...model, patch: { size: 16 }, patches: 3, networks },
    training: {
      ...training,
      batch: 4,
      cacheMegabytes: 3, // room for a few scenes only: the others are read by window
      stages: [
        { dataset: 'data', steps: 4, learningRate: 0.01 },
        { dataset: 'data', steps: 2, learningRate: 0.001 },
      ],
      validation: { dataset: 'data', everySteps: 3 },
    },
  };
}
