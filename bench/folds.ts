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
/** One scene: what it is and how it was answered. */
type Case = z.infer<typeof reportSchema>['answers'][number];
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
tell('balanced accuracy', cases, balanced);
tell('sign at a place', found, mean);
const { nominal, high } = calibrate(cases, WANTED);
console.log(`\nright as often as ${WANTED.nominal} from ${nominal}, as often as ${WANTED.high} from ${high}`);

function tell<T>(name: string, all: readonly T[], figure: (some: readonly T[]) => number): void {
  const [low, high] = bootstrapInterval(all, figure);
  const cells = [name, all.length, figure(all).toFixed(3), `${low.toFixed(3)} to ${high.toFixed(3)}`];
  console.log(`| ${cells.join(' | ')} |`);
}

function isRight({ label, answer }: Case): boolean {
  return label === answer;
}

/** Each class that there is counts alike. */
function balanced(some: readonly Case[]): number {
  const classes = new Set(some.map(({ label }) => label));
  return mean([...classes].map((one) => mean(some.filter(({ label }) => label === one).map(isRight))));
}

function mean(values: readonly (number | boolean)[]): number {
  return values.reduce<number>((sum, value) => sum + Number(value), 0) / values.length;
}
