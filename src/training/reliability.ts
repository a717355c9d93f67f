import type { Judged } from './validate.ts';

/**
 * How far the probabilities that answers are given with agree with how often they are right: a model that says 0.8 is to
 * be right in four of five such answers.
 */
export type Reliability = {
  /** Mean over the answers of the gap between the two in their bin (Guo et al. 2017), 0 at best. */
  readonly expectedError: number;
  /** Of equal width, from the least probability to the greatest; empty ones are left out. */
  readonly bins: readonly Bin[];
};

export type Bin = {
  readonly from: number;
  readonly to: number;
  readonly scenes: number;
  /** Mean of the answers' probabilities. */
  readonly probability: number;
  /** Share of them that are right. */
  readonly accuracy: number;
};

const BINS = 10;

/** @param judged at least one scene */
export function reliability(judged: readonly Judged[]): Reliability {
  const bins = Array.from({ length: BINS }, (_, index) => {
    const inside = judged.filter(({ probability }) => Math.min(Math.floor(probability * BINS), BINS - 1) === index);
    const mean = (value: (scene: Judged) => number) =>
      inside.reduce((sum, scene) => sum + value(scene), 0) / inside.length;
    const probability = mean((scene) => scene.probability);
    const accuracy = mean(({ label, answer }) => (label === answer ? 1 : 0));
    return { from: index / BINS, to: (index + 1) / BINS, scenes: inside.length, probability, accuracy };
  }).filter(({ scenes }) => scenes > 0);
  const gaps = bins.map(({ scenes, probability, accuracy }) => scenes * Math.abs(probability - accuracy));
  return { expectedError: gaps.reduce((sum, gap) => sum + gap, 0) / judged.length, bins };
}
