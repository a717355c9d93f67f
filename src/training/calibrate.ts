import type { Judged } from './validate.ts';

/** How often answers are to be right, or the probability from which they are. */
export type ConfidenceLevels = { readonly nominal: number; readonly high: number };

/**
 * From which probability answers may be called high and nominal, measured on validation scenes: answers from `high`
 * upwards are right as often as wanted of high ones, and those between `nominal` and `high`, taken by themselves, as
 * often as wanted of nominal ones.
 */
export function calibrate(judged: readonly Judged[], wanted: ConfidenceLevels): ConfidenceLevels {
  const high = lowestProbability(judged, wanted.high) ?? 1;
  const others = judged.filter(({ probability }) => probability < high);
  return { nominal: lowestProbability(others, wanted.nominal) ?? high, high };
}

/** The smallest probability such that all answers with at least that are right as often as wanted; to four decimals. */
function lowestProbability(judged: readonly Judged[], wantedAccuracy: number): number | undefined {
  const surest = [...judged].sort((a, b) => b.probability - a.probability);
  let right = 0;
  let lowest: number | undefined;
  surest.forEach(({ label, answer, probability }, index) => {
    if (label === answer) right += 1;
    if (right / (index + 1) >= wantedAccuracy) lowest = probability;
  });
  return lowest === undefined ? undefined : Math.floor(lowest * 1e4) / 1e4;
}
