/**
 * What the way of drawing is worth in training: `experiments/megapixel-mnist-448.yaml` trained in each way, all else alike,
 * and judged on the same 1000 scenes of MNIST's test digits. Takes hours in all; a run that was stopped goes on.
 *
 *     npm run bench:draws                      all runs that are not there yet, then the tables
 *     npm run bench:draws -- --only systematic-1 --only reference-1
 *     npm run bench:draws -- --tables          what has been run so far
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { useBackend } from '../src/model/backend.ts';
import type { EstimatorName } from '../src/model/estimators/estimator-name.ts';
import { inference } from '../src/model/inference.ts';
import { windowStack } from '../src/model/window-stack.ts';
import { errorOf } from '../src/training/evaluation.ts';
import { type Experiment, readExperiment } from '../src/training/experiment.ts';
import { readLabels } from '../src/training/labels.ts';
import { sceneStore } from '../src/training/scene-store.ts';
import { type Trained, train } from '../src/training/train.ts';
import type { TrainerSettings } from '../src/training/trainer.ts';
import { validate } from '../src/training/validate.ts';
import { referenceEstimate } from './draws/reference-estimate.ts';

const TEST = 'megapixel-mnist?scenes=1000&size=448&noise=8&seed=3&split=test';
const RUNS = 'runs/draws';
const PLACES = [5, 10, 25, 50, 100];

type Way = {
  readonly seed: number;
  readonly training: EstimatorName;
  readonly use: EstimatorName;
  readonly entropy?: number;
  readonly estimate?: TrainerSettings['estimate'];
  /** 1: attention is even, whatever the network says. */
  readonly smoothing?: number;
};

/** Ways that differ in training only are judged as they were trained, the reference as ours without replacement. */
const ways: Readonly<Record<string, Way>> = {
  ...seeds('systematic', { training: 'systematic', use: 'systematic' }),
  ...seeds('reference', {
    training: 'without-replacement',
    use: 'without-replacement',
    estimate: referenceEstimate,
  }),
  'gumbel-kappa-1': { seed: 1, training: 'gumbel-kappa-normalised', use: 'gumbel-kappa-normalised' },
  'with-replacement-1': { seed: 1, training: 'with-replacement', use: 'with-replacement' },
  'uniform-1': { seed: 1, training: 'uniform', use: 'uniform', smoothing: 1 },
  'entropy-0-1': { seed: 1, training: 'systematic', use: 'systematic', entropy: 0 },
  'entropy-0.01-1': { seed: 1, training: 'systematic', use: 'systematic', entropy: 0.01 },
};

type Result = { readonly steps: number; readonly minutes: number; readonly accuracy: Readonly<Record<number, number>> };

const { values: options } = parseArgs({
  options: { only: { type: 'string', multiple: true }, tables: { type: 'boolean', default: false } },
});
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
await useBackend('tensorflow');
const experiment = await readExperiment('experiments/megapixel-mnist-448.yaml');
const test = await readLabels(TEST, experiment.model.classes);
if (!options.tables) for (const name of options.only ?? Object.keys(ways)) await runWay(name);
await printTable();

function seeds(name: string, way: Omit<Way, 'seed'>): Record<string, Way> {
  return Object.fromEntries([1, 2, 3].map((seed) => [`${name}-${seed}`, { ...way, seed }]));
}

async function runWay(name: string): Promise<void> {
  const way = ways[name];
  if (way === undefined) throw new Error(`${name} is none of ${Object.keys(ways).join(', ')}`);
  const file = `${RUNS}/${name}.json`;
  if (existsSync(file) || stop.signal.aborted) return;
  const asked = changed(experiment, way);
  const started = performance.now();
  const trained = await trainOn(asked, name, way.estimate);
  if (trained === undefined) return;
  const minutes = (performance.now() - started) / 60_000;
  const accuracy: Record<number, number> = {};
  for (const patches of PLACES) accuracy[patches] = await judge(asked, trained, { patches, estimator: way.use });
  await mkdir(RUNS, { recursive: true });
  const steps = asked.training.stages.reduce((sum, stage) => sum + stage.steps, 0);
  await writeFile(file, JSON.stringify({ steps, minutes, accuracy } satisfies Result));
  console.error(`${name}: ${JSON.stringify(accuracy)}, ${minutes.toFixed(1)} minutes`);
}

function changed(
  { model, training }: Experiment,
  { seed, training: estimator, use, entropy, smoothing }: Way,
): Experiment {
  return {
    model: { ...model, estimator: use, attention: { smoothing: smoothing ?? model.attention.smoothing } },
    training: { ...training, seed, estimator, entropy: entropy ?? training.entropy },
  };
}

async function trainOn(asked: Experiment, name: string, estimate: TrainerSettings['estimate']) {
  const names = [...asked.training.stages.map(({ dataset }) => dataset), asked.training.validation.dataset];
  const datasets = new Map<string, Awaited<ReturnType<typeof readLabels>>>();
  for (const dataset of names) datasets.set(dataset, await readLabels(dataset, asked.model.classes));
  const report = {
    resumed: (step: number) => console.error(`${name}: going on from step ${step}`),
    step() {},
    validated: (step: number, judged: Parameters<typeof errorOf>[0]) =>
      console.error(`${name}: step ${step}, error on validation ${errorOf(judged).toFixed(3)}`),
  };
  const run = { experiment: asked, experimentSha256: name, datasets, directory: `${RUNS}/${name}`, report };
  return train({ ...run, signal: stop.signal }, { estimate });
}

async function judge(
  { model, training }: Experiment,
  { networks }: Trained,
  { patches, estimator }: { patches: number; estimator: EstimatorName },
): Promise<number> {
  const { classes } = model;
  const store = sceneStore({ model, cacheBytes: 0, signal: stop.signal });
  const glance = { stack: windowStack(networks.attention), patch: model.patch.size, seed: training.seed };
  const parts = { store, inference: inference(networks, model), classes, signal: stop.signal };
  return 1 - errorOf(await validate(test, { ...glance, ...parts, patches, estimator }));
}

/** Seeds of one way make one row. */
async function printTable(): Promise<void> {
  const rows = new Map<string, Result[]>();
  for (const name of Object.keys(ways)) {
    const text = await readFile(`${RUNS}/${name}.json`, 'utf8').catch(() => undefined);
    const way = name.replace(/-\d$/, '');
    if (text !== undefined) rows.set(way, [...(rows.get(way) ?? []), JSON.parse(text)]);
  }
  console.log(
    `accuracy on ${test.length} scenes, standard error at most ${(50 / Math.sqrt(test.length)).toFixed(1)} points\n`,
  );
  console.log(`| trained and used with | seeds | ${PLACES.map((n) => `N = ${n}`).join(' | ')} | minutes a run |`);
  console.log(`| --- | ---: | ${PLACES.map(() => '---:').join(' | ')} | ---: |`);
  for (const [way, results] of rows) {
    const cells = PLACES.map((n) => mean(results.map(({ accuracy }) => accuracy[n] ?? Number.NaN)).toFixed(3));
    const minutes = mean(results.map((result) => result.minutes)).toFixed(0);
    console.log(`| ${way} | ${results.length} | ${cells.join(' | ')} | ${minutes} |`);
  }
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
