/**
 * What attention is worth, in one table: the bundled model (ATS-10), the same with places drawn evenly (U-10), and its
 * rivals, such as what can be told from the overview alone; all made from the same scenes in as many steps.
 *
 *     npm run saccade -- dataset harbour --out data/harbour/test --scenes 400 --size 2048 --seed 15
 *     npm run saccade -- train experiments/harbour-uniform.yaml --out runs/harbour-uniform/model
 *     npm run saccade -- train experiments/harbour-overview.yaml --out runs/harbour-overview/model
 *     npm run bench:baselines -- data/harbour/test
 *
 * Balanced accuracy counts each class alike, with a 95 % bootstrap interval. `--rival DIR`, as often as wanted, names other
 * rivals than the overview's; `--rivals-only` leaves the models out.
 */
import { execFile } from 'node:child_process';
import { parseArgs, promisify } from 'node:util';
import type { EvaluationReport } from '../src/commands/evaluation-text.ts';
import { useBackend } from '../src/model/backend.ts';
import { loadBaseline } from '../src/training/baselines/baseline-files.ts';
import { judgeBaseline } from '../src/training/baselines/judge-baseline.ts';
import { withOverviews } from '../src/training/baselines/train-baseline.ts';
import { type Evaluation, evaluate, type Share } from '../src/training/evaluation.ts';
import { readLabels } from '../src/training/labels.ts';
import { sceneStore } from '../src/training/scene-store.ts';
import { balancedAccuracy, type Case } from './folds/balanced-accuracy.ts';
import { bootstrapInterval } from './folds/bootstrap-interval.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: 'models/harbour' },
    uniform: { type: 'string', default: 'runs/harbour-uniform/model' },
    rival: { type: 'string', multiple: true, default: ['runs/harbour-overview/model'] },
    'rivals-only': { type: 'boolean', default: false },
  },
});
const { signal } = new AbortController();
const test = positionals[0] ?? 'data/harbour/test';
const backend = await useBackend('auto');

console.log(`${test}, backend ${backend}`);
console.log(row('', 'right', 'balanced (95 %)', 'object looked at', 'strongest pull on it', 's/scene'));
const models = { ATS: options.model, U: options.uniform };
for (const [name, model] of Object.entries(options['rivals-only'] ? {} : models)) {
  const report = await evaluated(model);
  console.log(rowOf(`${name}-${report.patches}`, report));
}
for (const directory of options.rival) console.log(rowOf(...(await judged(directory))));

/** By the command itself, in a process of its own. */
async function evaluated(model: string): Promise<EvaluationReport> {
  const command = ['dist/main.js', 'evaluate', model, '--data', test, '--backend', backend, '--json'];
  return JSON.parse((await promisify(execFile)(process.execPath, command, { maxBuffer: 2 ** 26 })).stdout);
}

type Judgement = Evaluation & { readonly answers: readonly Case[] };

/** A rival's name and what it is worth; nothing is kept decoded, as in the command. */
async function judged(directory: string): Promise<[string, Judgement]> {
  const { baseline, overviewScale, file } = await loadBaseline(directory);
  const { model } = withOverviews(file.experiment, overviewScale);
  const { name, classes } = model;
  const store = sceneStore({ model, cacheBytes: 0, signal });
  const answers = await judgeBaseline(await readLabels(test, classes), { baseline, store, classes, signal });
  return [name, { ...evaluate(answers, { classes, confidence: file.confidence }), answers }];
}

function rowOf(name: string, { right, lookedAt, strongestPull, seconds, answers }: Judgement): string {
  const [low, high] = bootstrapInterval(answers, balancedAccuracy);
  const balanced = `${balancedAccuracy(answers).toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
  return row(name, percent(right), balanced, ...[lookedAt, strongestPull].map(percent), seconds.median.toFixed(3));
}

function percent({ share, standardError }: Share): string {
  if (share === null || standardError === null) return '–';
  return `${(100 * share).toFixed(1)} ± ${(100 * standardError).toFixed(1)} %`;
}

function row(name: string, ...cells: readonly string[]): string {
  return `${name.padEnd(26)}${cells.map((cell) => cell.padStart(26)).join('')}`;
}
