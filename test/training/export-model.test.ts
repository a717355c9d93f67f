import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { showOverviews } from '../../src/model/attention.ts';
import { checkModel } from '../../src/model/check-model.ts';
import { draw } from '../../src/model/estimators/draw.ts';
import { inference } from '../../src/model/inference.ts';
import { loadModel } from '../../src/model/load-model.ts';
import { type Experiment, readExperiment } from '../../src/training/experiment.ts';
import { exportModel } from '../../src/training/export-model.ts';
import type { Judged } from '../../src/training/validate.ts';
import { openWorkshop } from '../../src/training/workshop.ts';
import { smallRaster } from '../fakes/small-networks.ts';

/** The speed-limit networks over one band and small patches, with a padded attention network, told where patches lie. */
function small({ model, training }: Experiment): Experiment {
  const padded = { conv: { filters: 1, kernel: 3, padding: 'same' as const, activation: 'linear' as const } };
  return {
    model: {
      ...model,
      bands: [{ name: 'grey', scale: 1 / 255, offset: 0 }],
      patch: { size: 10 },
      features: { normalise: true, position: true },
      networks: { ...model.networks, attention: [padded] },
    },
    training,
  };
}

const judged: Judged[] = ['empty', '50', '70', '80'].map((label, i) => ({
  ...{ id: label, label, answer: label, probability: 0.5 + i / 10, standardError: 0 },
  ...{ found: undefined, pulled: undefined, seconds: 0 },
}));

describe('exportModel', () => {
  let folder: string;
  beforeAll(async () => {
    await tf.setBackend('cpu');
    folder = await mkdtemp(join(tmpdir(), 'saccade-export-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('writes a model in order that answers what the trained networks do, without their batch norms, on wasm', async () => {
    const experiment = small(await readExperiment('experiments/swedish-traffic-signs.yaml'));
    const { networks, trainer } = openWorkshop(experiment, {
      signal: new AbortController().signal,
    });
    const here = inference(networks, experiment.model);
    const overview = smallRaster(12, 10);
    const drawn = draw(await here.attend(overview), { estimator: 'systematic', patches: 3, seed: 1, key: [] });
    const patches = drawn.cells.map((_, i) => ({ ...smallRaster(10, 10, i), centre: [i / 3, 0.5] as const }));
    const batch = {
      overviews: showOverviews(networks.attention, [overview], experiment.model.bands),
      draws: [drawn],
      patches: [patches],
      labels: [2],
      weights: [1],
    };
    for (let step = 0; step < 2; step += 1) trainer.step(batch, 0.01);

    const made = { command: '', backend: 'cpu', dataset: { name: 'none', sha256: '', scenes: 0 } };
    const more = { ...made, dataType: 'uint16' as const };
    const manifest = await exportModel(folder, { networks, step: 2, judged }, experiment, more);
    expect(manifest).toMatchObject({ format: 1, dataType: 'uint16', features: { normalise: true, position: true } });
    expect(manifest.confidence).toEqual({ nominal: 0.5, high: 0.5 }); // all of them are right
    const probabilities = { nominal: 0.7, high: 0.9 };
    const measured = { ...experiment.model, confidence: { ...experiment.model.confidence, probabilities } };
    const told = await exportModel(folder, { networks, step: 2, judged }, { ...experiment, model: measured }, more);
    expect(told.confidence).toEqual(probabilities);
    const { networks: found } = await checkModel(folder);
    const batchNorms = 7 * 4 * 32;
    expect(found.feature.weights).toBe(networks.feature.countParams() - batchNorms + 7 * 32); // a bias for each
    const model = await loadModel(folder, { backend: 'wasm', threads: 1 });
    const [answer, wanted] = [await model.look(patches, drawn), await here.look(patches, drawn)];
    await model.close();
    expect(new Set(wanted.probabilities).size).toBe(4);
    answer.probabilities.forEach((p, i) => {
      expect(p).toBeCloseTo(wanted.probabilities[i]!, 5);
    });
  });

  it('leaves a model that is there as it was when no manifest can be made of the new one', async () => {
    const directory = join(folder, 'kept');
    const experiment = small(await readExperiment('experiments/swedish-traffic-signs.yaml'));
    const made = { command: '', backend: 'cpu', dataset: { name: 'none', sha256: '', scenes: 0 } };
    const write = ({ model, training }: Experiment) => {
      const { networks } = openWorkshop({ model, training }, { signal: new AbortController().signal });
      return exportModel(directory, { networks, step: 2, judged }, { model, training }, made);
    };
    const contents = async () => {
      const files = (await readdir(directory)).sort();
      return Promise.all(files.map(async (file) => [file, await readFile(join(directory, file), 'utf8')]));
    };
    await write(experiment);
    const before = await contents();
    const { model, training } = experiment;
    const crossed = { ...model.confidence, probabilities: { nominal: 0.9, high: 0.5 } };
    await expect(
      write({ model: { ...model, confidence: crossed }, training: { ...training, seed: training.seed + 1 } }),
    ).rejects.toThrow('confidence.nominal is above');
    expect(await contents()).toEqual(before);
  });
});
