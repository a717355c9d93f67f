/**
 * What training leaves behind: tensors and resident memory over thousands of steps of a tiny experiment, in which all
 * that a real one does is done: scenes kept and scenes read by window, shown in other ways, validated, logged and kept
 * in checkpoints.
 *
 *     npm run bench:train-memory
 *
 * The first 5000 steps warm up: decoders, encoders and the drawing of curves take some forty megabytes once, little by little.
 * Garbage is collected before each look, so that what is seen is held.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { useBackend } from '../src/model/backend.ts';
import { type Experiment, readExperiment } from '../src/training/experiment.ts';
import { makeHarbour } from '../src/training/harbour/make-harbour.ts';
import { readLabels } from '../src/training/labels.ts';
import { train } from '../src/training/train.ts';

type Look = { step: number; tensors: number; megabytes: number };

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '10000' },
    'warm-up': { type: 'string', default: '5000' },
    every: { type: 'string', default: '100' },
  },
});
const [steps, warmUp, every] = [values.steps, values['warm-up'], values.every].map(Number) as [number, number, number];
const SCENES = 16;

const collect: unknown = Reflect.get(globalThis, 'gc');
if (typeof collect !== 'function') throw new Error('run by node --expose-gc');
const backend = await useBackend('tensorflow');
const directory = await mkdtemp(join(tmpdir(), 'saccade-train-memory-'));
try {
  const data = join(directory, 'data');
  await makeHarbour({ directory: data, scenes: SCENES, sizes: [512], seed: 3 });
  const looks = await run(tiny(await readExperiment('experiments/harbour.yaml')), data);
  report(looks);
} finally {
  await rm(directory, { recursive: true });
}

async function run(experiment: Experiment, data: string): Promise<Look[]> {
  const looks: Look[] = [];
  await train({
    experiment,
    experimentSha256: 'tiny',
    datasets: new Map([['data', await readLabels(data)]]),
    directory: join(directory, 'run'),
    signal: new AbortController().signal,
    report: {
      resumed() {},
      validated() {},
      step(step) {
        if (step % every !== 0) return;
        (collect as () => void)();
        looks.push({ step, tensors: tf.memory().numTensors, megabytes: process.memoryUsage.rss() / 1e6 });
      },
    },
  });
  return looks;
}

function report(looks: readonly Look[]): void {
  const warm = looks.filter(({ step }) => step >= warmUp);
  const [first, last] = [warm[0], warm.at(-1)];
  if (first === undefined || last === undefined) throw new Error('no step after those to warm up');
  console.log(`${steps} steps of 4 scenes, ${SCENES} in an epoch, ${backend}, Node ${process.versions.node}\n`);
  console.log('| step | tensors | resident, MB |');
  console.log('|---|---|---|');
  for (const { step, tensors, megabytes } of looks.filter((_, i) => i % 5 === 4 || i === 0))
    console.log(`| ${step} | ${tensors} | ${megabytes.toFixed(1)} |`);
  console.log(
    `\ntensors: ${last.tensors - first.tensors >= 0 ? '+' : ''}${last.tensors - first.tensors} from step ${first.step} to ${last.step}`,
  );
  console.log(
    `resident: ${(1000 * slope(warm)).toFixed(2)} MB per 1000 steps (least squares over ${warm.length} looks)`,
  );
}

function slope(looks: readonly Look[]): number {
  const mean = (of: readonly number[]) => of.reduce((sum, one) => sum + one, 0) / of.length;
  const [x, y] = [mean(looks.map(({ step }) => step)), mean(looks.map(({ megabytes }) => megabytes))];
  const covariance = mean(looks.map(({ step, megabytes }) => (step - x) * (megabytes - y)));
  return covariance / mean(looks.map(({ step }) => (step - x) ** 2));
}

function tiny({ model, training }: Experiment): Experiment {
  const relu = (filters: number, kernel: number, stride: number) => ({
    conv: { filters, kernel, stride, activation: 'relu' as const },
  });
  const score = { conv: { filters: 1, kernel: 1, stride: 1, activation: 'linear' as const } };
  return {
    model: {
      ...model,
      patch: { size: 16 },
      patches: 3,
      networks: {
        ...model.networks,
        attention: [relu(2, 3, 1), score],
        feature: [relu(4, 5, 4), { globalMaxPool: true as const }],
      },
    },
    training: {
      ...training,
      batch: 4,
      cacheMegabytes: 6, // room for half of the scenes: the others are read by window
      checkpointEverySteps: 100,
      stages: [{ dataset: 'data', steps, learningRate: 0.001 }],
      validation: { dataset: 'data', everySteps: 250 },
    },
  };
}
