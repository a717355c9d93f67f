/**
 * What attention is worth, in one table: the bundled model (ATS-10), the same with places drawn evenly (U-10), and what
 * can be told from the overview alone, all made from the same scenes in as many steps.
 *
 *     npm run saccade -- dataset harbour --out data/harbour/test --scenes 400 --size 2048 --seed 15
 *     npm run saccade -- train experiments/harbour-uniform.yaml --out runs/harbour-uniform/model
 *     npm run bench:baselines -- data/harbour/test
 *
 * The overview's network is trained here, and kept in runs/harbour-overview for the next time.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { parseArgs, promisify } from 'node:util';
import type { EvaluationReport } from '../src/commands/evaluation-text.ts';
import { useBackend } from '../src/model/backend.ts';
import { loadNetwork, saveNetwork } from '../src/model/network-files.ts';
import { overviewClassifier, trainOverviewClassifier } from '../src/training/baselines/overview-classifier.ts';
import type { LabelledRaster } from '../src/training/baselines/raster-classifier.ts';
import { type Share, shareOf } from '../src/training/evaluation.ts';
import { readExperiment } from '../src/training/experiment.ts';
import { readLabels } from '../src/training/labels.ts';
import { sceneStore } from '../src/training/scene-store.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    experiment: { type: 'string', default: 'experiments/harbour.yaml' },
    model: { type: 'string', default: 'models/harbour' },
    uniform: { type: 'string', default: 'runs/harbour-uniform/model' },
    overview: { type: 'string', default: 'runs/harbour-overview' },
  },
});
const { signal } = new AbortController();
const test = positionals[0] ?? 'data/harbour/test';
const experiment = await readExperiment(options.experiment);
const backend = await useBackend('auto');
const network = await overviewNetwork();

console.log(`${test}, backend ${backend}`);
console.log(row('', 'right', 'object looked at', 'strongest pull on it', 's/scene'));
for (const [name, model] of [
  ['ATS', options.model],
  ['U', options.uniform],
] as const) {
  const { patches, accuracy, lookedAt, strongestPull, seconds } = await evaluated(model);
  const shares = [accuracy, lookedAt, strongestPull].map(percent);
  console.log(row(`${name}-${patches}`, ...shares, seconds.median.toFixed(3)));
}
const answers = overviewClassifier(network, experiment).judge(await overviews(test));
console.log(row('overview', percent(shareOf(answers)), '', '', ''));

/** By the command itself, in a process of its own. */
async function evaluated(model: string): Promise<EvaluationReport> {
  const command = ['dist/main.js', 'evaluate', test, '--model', model, '--backend', backend, '--json'];
  return JSON.parse((await promisify(execFile)(process.execPath, command, { maxBuffer: 2 ** 26 })).stdout);
}

async function overviewNetwork() {
  const file = `${options.overview}/network.json`;
  if (existsSync(file)) return loadNetwork(file);
  const { stages, validation } = experiment.training;
  const sets = new Map<string, LabelledRaster[]>();
  for (const name of new Set([...stages, validation].map(({ dataset }) => dataset)))
    sets.set(name, await overviews(name));
  const report = (step: number, loss: number, error: number | undefined) => {
    if (error === undefined) return;
    console.error(`overview: step ${step}, loss ${loss.toFixed(3)}, validation error ${error.toFixed(3)}`);
  };
  const trained = trainOverviewClassifier({ experiment, overviews: sets, report });
  await saveNetwork(trained, options.overview, 'network.json');
  return trained;
}

async function overviews(dataset: string): Promise<LabelledRaster[]> {
  const { classes } = experiment.model;
  const store = sceneStore({ model: experiment.model, cacheBytes: 0, signal });
  const found: LabelledRaster[] = [];
  for (const scene of await readLabels(dataset, classes)) {
    found.push({ raster: (await store.load(scene.path)).overview, label: classes.indexOf(scene.class) });
  }
  return found;
}

function percent({ share, standardError }: Share): string {
  if (share === null || standardError === null) return '–';
  return `${(100 * share).toFixed(1)} ± ${(100 * standardError).toFixed(1)} %`;
}

function row(name: string, ...cells: readonly string[]): string {
  return `${name.padEnd(10)}${cells.map((cell) => cell.padStart(22)).join('')}`;
}
