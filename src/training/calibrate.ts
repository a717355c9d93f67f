import type { Judged } from './validate.ts';

/**
 * The smallest probability from which answers are right as often as wanted, measured on validation scenes: all answers
 * with at least that probability, taken together, reach `wantedAccuracy`. 1 where no probability does.
 */
export function calibrate(judged: readonly Judged[], wantedAccuracy: number): number {
  const surest = [...judged].sort((a, b) => b.probability - a.probability);
  let right = 0;
  let threshold = 1;
  surest.forEach(({ label, answer, probability }, index) => {
    if (label === answer) right += 1;
    if (right / (index + 1) >= wantedAccuracy) threshold = probability;
  });
  return Math.floor(threshold * 1e4) / 1e4;
}
