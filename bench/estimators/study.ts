import type { Estimator } from '../../src/model/estimators/estimator.ts';
import { randomKey } from '../../src/random.ts';
import { type BlobScene, WIDTH } from './blob-scene.ts';
import { closedForm, exactForm } from './closed-form.ts';

/** How an estimator fares over many draws from one scene. */
export type Findings = {
  /** E‖F̂ − F‖² over that of N independent draws from the attention, which is known exactly: (1 − ‖F‖²)/N. */
  readonly error: number;
  /** Cosine between the mean gradient by all K logits and the exact one, of one projection y = g·f of the features. */
  readonly meanCosine: number;
  /** The same of a single draw's gradient, on average. */
  readonly drawCosine: number;
  /**
   * The same for y + 1: features that have something in common, as those behind a ReLU do. The exact gradient is as before,
   * since Σ a = 1, and so is that of the normalised form; the linear one has more noise.
   */
  readonly commonCosine: number;
};

export function study(
  { shares, attention, features }: BlobScene,
  estimator: Estimator,
  { patches, runs }: { patches: number; runs: number },
): Findings {
  const y = Float64Array.from(features, ([first]) => first as number); // g: the first axis, as good as any
  const raised = y.map((projection) => projection + 1);
  const exact = exactForm(attention, y).logits;
  const truth = mixture(features, attention);
  const mean = new Float64Array(attention.length);
  let [squares, cosines, commonCosines] = [0, 0, 0];
  for (let run = 0; run < runs; run += 1) {
    const cells = estimator.cells(shares, { patches, key: randomKey('study', run) });
    const estimate = closedForm(attention, y, { cells, form: estimator.form });
    estimate.logits.forEach((slope, cell) => {
      mean[cell] = (mean[cell] as number) + slope;
    });
    cosines += cosine(estimate.logits, exact);
    commonCosines += cosine(closedForm(attention, raised, { cells, form: estimator.form }).logits, exact);
    const error = mixture(
      cells.map(({ cell }) => features[cell]!),
      cells.map(({ cell }) => estimate.features[cell]!),
    );
    squares += error.reduce((sum, f, d) => sum + (f - truth[d]!) ** 2, 0);
  }
  const independent = (1 - truth.reduce((sum, f) => sum + f * f, 0)) / patches;
  return {
    error: squares / runs / independent,
    meanCosine: cosine(mean, exact),
    drawCosine: cosines / runs,
    commonCosine: commonCosines / runs,
  };
}

function mixture(features: readonly Float64Array[], weights: ArrayLike<number>): Float64Array {
  const sum = new Float64Array(WIDTH);
  features.forEach((feature, i) => {
    for (let d = 0; d < WIDTH; d += 1) sum[d] = sum[d]! + weights[i]! * feature[d]!;
  });
  return sum;
}

function cosine(a: Float64Array, b: Float64Array): number {
  const dot = (u: Float64Array, v: Float64Array) => u.reduce((sum, x, i) => sum + x * v[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
