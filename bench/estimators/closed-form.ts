import type { Form } from '../../src/model/estimators/estimator.ts';
import type { DrawnCell } from '../../src/model/model.ts';

/**
 * What a draw says of F = Σ a·f, and its gradients with a = softmax(z), in float64: the formulas that automatic
 * differentiation of `combine` amounts to. Everything is of one number y per cell, such as a component of a feature or a
 * projection of it, since estimates are linear in features.
 */
export type Estimate = {
  readonly value: number;
  /** [K] with respect to the logits z of all cells */
  readonly logits: Float64Array;
  /** [K] with respect to y of all cells */
  readonly features: Float64Array;
  /** [N] what the estimator's `variance` is told */
  readonly contributions: readonly number[];
};

/** @param attention [K], @param y [K] */
export function closedForm(
  attention: Float64Array,
  y: Float64Array,
  { cells, form }: { cells: readonly DrawnCell[]; form: Form },
): Estimate {
  const raw = cells.map((cell) => cell.coefficient * cell.attention);
  const total = form === 'linear' ? 1 : raw.reduce((sum, weight) => sum + weight, 0);
  const of = ({ cell }: DrawnCell) => y[cell] as number;
  const value = cells.reduce((sum, cell, i) => sum + ((raw[i] as number) / total) * of(cell), 0);
  const baseline = form === 'linear' ? 0 : value;
  const contributions = cells.map((cell, i) => ((raw[i] as number) / total) * (of(cell) - baseline));
  // aᵢ moves with its own logit, and against all: ∂aᵢ/∂zⱼ = aᵢ·(1(i = j) − aⱼ).
  const against = contributions.reduce((sum, part) => sum + part, 0);
  const logits = attention.map((a) => -against * a);
  const features = new Float64Array(attention.length);
  cells.forEach(({ cell }, i) => {
    logits[cell] = (logits[cell] as number) + (contributions[i] as number);
    features[cell] = (raw[i] as number) / total;
  });
  return { value, logits, features, contributions };
}

/** The same of all cells: exact. */
export function exactForm(attention: Float64Array, y: Float64Array): Omit<Estimate, 'contributions'> {
  const value = attention.reduce((sum, a, cell) => sum + a * (y[cell] as number), 0);
  return { value, logits: attention.map((a, cell) => a * ((y[cell] as number) - value)), features: attention };
}
