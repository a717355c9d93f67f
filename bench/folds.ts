/**
 * What several folds say together: accuracy, balanced accuracy and signs found over all their scenes, each with a 95 %
 * bootstrap interval (percentiles of 10,000 draws of as many scenes, with replacement; a fixed seed), and from which
 * probability answers are right as often as ones called high and nominal shall be.
 *
 *     npm run saccade -- evaluate runs/speed-limits-1/model --data "../shared/data/gtsdb#fold=1/5" --json > fold-1.json
 *     npm run bench:folds -- fold-1.json fold-2.json
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { calibrate } from '../src/training/calibrate.ts';
import { balancedAccuracy, isRight, mean } from './folds/balanced-accuracy.ts';
import { bootstrapInterval } from './folds/bootstrap-interval.ts';

const reportSchema = z.object({
  model: z.object({ name: z.string() }),
  dataset: z.string(),
  patches: z.number(),
  estimator: z.string(),
  scenes: z.number(),
  answers: z.array(z.object({ label: z.string(), answer: z.string(), probability: z.number() })),
  lookedAt: z.object({ share: z.number().nullable(), of: z.number() }),
});
/** As the experiments say. */
const WANTED = { nominal: 0.8, high: 0.98 };

const reports = await Promise.all(
  process.argv.slice(2).map(async (file) => reportSchema.parse(JSON.parse(await readFile(file, 'utf8')))),
);
const cases = reports.flatMap(({ answers }) => answers);
const found = reports.flatMap(({ lookedAt: { share, of } }) =>
  Array.from({ length: of }, (_, i) => i < Math.round((share ?? 0) * of)),
);
const [first] = reports;
if (first === undefined) throw new Error('name the reports of folds: saccade evaluate --json prints one');

console.log(`${first.patches} places, ${first.estimator}; ${reports.map(({ dataset }) => dataset).join(', ')}\n`);
console.log('| figure | of | value | 95 % interval |');
console.log('| --- | ---: | ---: | --- |');
tell('accuracy', cases, (some) => mean(some.map(isRight)));
tell('balanced accuracy', cases, balancedAccuracy);
tell('sign at a place', found, mean);
const { nominal, high } = calibrate(cases, WANTED);
console.log(`\nright as often as ${WANTED.nominal} from ${nominal}, as often as ${WANTED.high} from ${high}`);

function tell<T>(name: string, all: readonly T[], figure: (some: readonly T[]) => number): void {
  const [low, high] = bootstrapInterval(all, figure);
  const cells = [name, all.length, figure(all).toFixed(3), `${low.toFixed(3)} to ${high.toFixed(3)}`];
  console.log(`| ${cells.join(' | ')} |`);
}
