import type { EstimatorName } from '../../src/model/estimators/estimator-name.ts';
import { estimators } from '../../src/model/estimators/estimators.ts';
import type { Draw } from '../../src/model/model.ts';
import { randomKey, uniforms } from '../../src/random.ts';
import { type BlobScene, blobScene, type Sharpness, type Texture, WIDTH } from './blob-scene.ts';
import { closedForm } from './closed-form.ts';

/**
 * How often 95 % intervals hold the exact probability of the class that was answered, over simulated scenes of which each is
 * drawn from once. An interval reaches as far as that of the probability, p ± t·s, or that of its log-odds,
 * log(p/(1 − p)) ± t·s/(p(1 − p)), whichever goes further: s is the standard error, t the quantile of Student's t. A scene has features and attention of its own, and a linear head of four classes
 * with weights of its own, whose standard deviation is `slope`: the larger, the less linear is the way to a probability.
 */
export type IntervalStudy = {
  readonly scenes: number;
  readonly patches: 10 | 25;
  readonly sharpness: Sharpness;
  readonly texture: Texture;
  readonly slope: number;
};

export const CLASSES = 4;
/** 97.5 % quantile of Student's t with N − 1 degrees of freedom. */
const QUANTILE = { 10: 2.262, 25: 2.064 } as const;

/** @returns of each estimator, the share of scenes whose interval holds the exact probability */
export function intervalStudy(
  names: readonly EstimatorName[],
  { scenes, patches, slope, ...kind }: IntervalStudy,
): ReadonlyMap<EstimatorName, number> {
  const covered = new Map(names.map((name) => [name, 0]));
  for (let seed = 0; seed < scenes; seed += 1) {
    const scene = blobScene(seed, kind);
    const head = headOf(seed, slope);
    const exact = softmax(logits(head, mixture(scene.features, scene.attention)));
    for (const [estimator, count] of covered) {
      const cells = estimators[estimator].cells(scene.shares, { patches, key: randomKey('interval', seed) });
      const { probabilities, answer, standardError } = conclusion(scene, head, { estimator, seed, cells });
      const holds = intervalHolds(probabilities[answer]!, exact[answer]!, QUANTILE[patches] * standardError);
      covered.set(estimator, count + (holds ? 1 : 0));
    }
  }
  return new Map([...covered].map(([name, count]) => [name, count / scenes]));
}

/** @param reach half of the interval's length on the scale of probabilities */
function intervalHolds(p: number, exact: number, reach: number): boolean {
  const logOdds = (p: number) => Math.log(p / (1 - p));
  return Math.abs(p - exact) <= reach || Math.abs(logOdds(p) - logOdds(exact)) <= reach / (p * (1 - p));
}

/** [WIDTH][CLASSES] */
export type Head = readonly (readonly number[])[];

export function headOf(seed: number, slope: number): Head {
  const next = uniforms(randomKey('head', seed));
  // The sum of twelve uniform numbers less six is near enough to normal.
  const normal = () => Array.from({ length: 12 }, () => next.next().value).reduce((sum, u) => sum + u, -6);
  return Array.from({ length: WIDTH }, () => Array.from({ length: CLASSES }, () => slope * normal()));
}

/** What `inference` concludes, in float64 and of a linear head (its tests hold the two together). */
export function conclusion({ attention, features }: BlobScene, head: Head, { estimator, cells }: Draw) {
  const { form, variance } = estimators[estimator];
  const weights = closedForm(attention, new Float64Array(attention.length), { cells, form }).features;
  const expected = mixture(
    cells.map(({ cell }) => features[cell]!),
    cells.map(({ cell }) => weights[cell]!),
  );
  const probabilities = softmax(logits(head, expected));
  const answer = probabilities.indexOf(Math.max(...probabilities));
  const p = probabilities[answer]!;
  const others = probabilities.map((other, k) => (k === answer ? -1 : other / (1 - p)));
  const gradient = head.map((row) => -row.reduce((sum, weight, k) => sum + weight * others[k]!, 0));
  const effects = new Float64Array(attention.length);
  for (const { cell } of cells) effects[cell] = gradient.reduce((sum, g, d) => sum + g * features[cell]![d]!, 0);
  const { contributions } = closedForm(attention, effects, { cells, form });
  const spread = p * (1 - p) * Math.sqrt(variance(cells, contributions));
  return { probabilities, answer, standardError: Math.min(spread, Math.sqrt(p * (1 - p))) };
}

function mixture(features: readonly Float64Array[], weights: ArrayLike<number>): Float64Array {
  const sum = new Float64Array(WIDTH);
  features.forEach((feature, i) => {
    for (let d = 0; d < WIDTH; d += 1) sum[d] = sum[d]! + weights[i]! * feature[d]!;
  });
  return sum;
}

function logits(head: Head, feature: Float64Array): number[] {
  return Array.from({ length: CLASSES }, (_, k) => head.reduce((sum, row, d) => sum + row[k]! * feature[d]!, 0));
}

function softmax(logits: readonly number[]): number[] {
  const most = Math.max(...logits);
  const raised = logits.map((logit) => Math.exp(logit - most));
  const sum = raised.reduce((total, x) => total + x, 0);
  return raised.map((x) => x / sum);
}
