import { confidenceOf } from '../confidence.ts';
import type { Confidence } from '../scene.ts';
import { type Reliability, reliability } from './reliability.ts';
import type { Judged } from './validate.ts';

/** How good a model is, from its answers on scenes that it was not made from. */
export type Evaluation = {
  readonly scenes: number;
  /** Share of scenes answered wrongly. */
  readonly error: number;
  /** The rest. */
  readonly accuracy: number;
  /** Mean over the classes that scenes have of the share that was answered rightly: each class counts alike. */
  readonly balancedAccuracy: number;
  readonly right: Share;
  readonly classes: readonly string[];
  /** `confusion[is][answered]`: how many scenes of one class got which answer, both in the order of `classes`. */
  readonly confusion: readonly (readonly number[])[];
  /** Of the scenes of a class, those that were answered so. */
  readonly recall: Readonly<Record<string, Share>>;
  /** Of the scenes whose labels say where the object of interest lies, those where a place drawn lies on it. */
  readonly lookedAt: Share;
  /** The same of the place with the strongest pull. */
  readonly strongestPull: Share;
  /** Of the answers called low, nominal and high, those that were right. */
  readonly confidence: Readonly<Record<Confidence, Share>>;
  /** How far probabilities can be taken at their word. */
  readonly calibration: Reliability;
  /** Median over the scenes of the standard error that answers are given with. */
  readonly standardError: number;
  /** From a scene's file to its answer. */
  readonly seconds: { readonly median: number; readonly p95: number };
};

/** `of` how many cases; null where there is none. The standard error is the binomial √(p(1 − p)/n). */
export type Share = { readonly share: number | null; readonly standardError: number | null; readonly of: number };

export type EvaluationSettings = {
  readonly classes: readonly string[];
  /** Least probabilities of answers that are called nominal and high. */
  readonly confidence: { readonly nominal: number; readonly high: number };
};

/** @param judged at least one scene */
export function evaluate(judged: readonly Judged[], { classes, confidence }: EvaluationSettings): Evaluation {
  const right = ({ label, answer }: Judged) => label === answer;
  const labelled = (label: string) => judged.filter((scene) => scene.label === label);
  const called = (name: Confidence) =>
    shareOf(judged.filter(({ probability }) => confidenceOf(probability, confidence) === name).map(right));
  const seconds = judged.map((scene) => scene.seconds);
  return {
    scenes: judged.length,
    error: errorOf(judged),
    accuracy: 1 - errorOf(judged),
    balancedAccuracy: balancedAccuracy(judged, classes),
    right: shareOf(judged.map(right)),
    classes,
    confusion: classes.map((is) => classes.map((said) => labelled(is).filter(({ answer }) => answer === said).length)),
    recall: Object.fromEntries(classes.map((name) => [name, shareOf(labelled(name).map(right))])),
    lookedAt: shareOf(judged.map(({ found }) => found)),
    strongestPull: shareOf(judged.map(({ pulled }) => pulled)),
    confidence: { low: called('low'), nominal: called('nominal'), high: called('high') },
    calibration: reliability(judged),
    standardError: quantile(
      judged.map(({ standardError }) => standardError),
      0.5,
    ),
    seconds: { median: quantile(seconds, 0.5), p95: quantile(seconds, 0.95) },
  };
}

/** Share of scenes answered wrongly. */
export function errorOf(judged: readonly Judged[]): number {
  return judged.filter(({ label, answer }) => label !== answer).length / judged.length;
}

function balancedAccuracy(judged: readonly Judged[], classes: readonly string[]): number {
  const groups = classes.map((name) => judged.filter(({ label }) => label === name)).filter(({ length }) => length > 0);
  return groups.reduce((sum, group) => sum + 1 - errorOf(group), 0) / groups.length;
}

/** The least value that this share of the values does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** Cases of which it is not known are left out. */
export function shareOf(cases: readonly (boolean | undefined)[]): Share {
  const known = cases.filter((fact) => fact !== undefined);
  if (known.length === 0) return { share: null, standardError: null, of: 0 };
  const share = known.filter(Boolean).length / known.length;
  return { share, standardError: Math.sqrt((share * (1 - share)) / known.length), of: known.length };
}
