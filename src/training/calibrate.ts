import type { Judged } from './validate.ts';

type Answered = Pick<Judged, 'label' | 'answer' | 'probability'>;

/** How often answers are to be right, or the probability from which they are. */
export type ConfidenceLevels = { readonly nominal: number; readonly high: number };

/**
 * From which probability answers may be called high and nominal, measured on validation scenes: answers from `high`
 * upwards are right as often as wanted of high ones, and those between `nominal` and `high`, taken by themselves, as
 * often as wanted of nominal ones. 1 where no answers are: it is never reached (`confidenceOf`).
 */
export function calibrate(judged: readonly Answered[], wanted: ConfidenceLevels): ConfidenceLevels {
  const high = lowestProbability(judged, wanted.high) ?? 1;
  const others = judged.filter(({ probability }) => high === 1 || probability < high);
  return { nominal: lowestProbability(others, wanted.nominal) ?? high, high };
}

/** The smallest probability, of four decimals and below 1, such that all answers with at least that are right as often as wanted. */
function lowestProbability(judged: readonly Answered[], wantedAccuracy: number): number | undefined {
  const surest = [...judged].sort((a, b) => b.probability - a.probability);
  let right = 0;
  let lowest: number | undefined;
  surest.forEach(({ label, answer, probability }, index) => {
    if (label === answer) right += 1;
    const least = Math.min(Math.floor(probability * 1e4), 9999) / 1e4;
    // Answers as sure as this one, or of the same four decimals, would be called what it is called.
    if ((surest[index + 1]?.probability ?? -1) >= least) return;
    if (right / (index + 1) >= wantedAccuracy) lowest = least;
  });
  return lowest;
}
