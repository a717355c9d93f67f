import type { EstimatorName } from '../model/estimators/estimator-name.ts';
import type { Evaluation, Share } from '../training/evaluation.ts';
import type { Judged } from '../training/validate.ts';

/** What `saccade evaluate` found: `--json` prints it as it is. */
export type EvaluationReport = Evaluation & {
  readonly dataset: string;
  readonly model: { readonly directory: string; readonly name: string; readonly version: string };
  readonly backend: string;
  /** How places are drawn. */
  readonly estimator: EstimatorName;
  /** Places looked at in a scene, in the one that has the most. */
  readonly patches: number;
  /** Whether every scene was looked at in as many places as were asked for. */
  readonly asAsked: boolean;
  readonly seed: number;
  /** From a scene's file to its answer, median. */
  readonly millisecondsPerScene: number;
  /** Memory of this process: right after each answer, the median over scenes; and the most that it ever had. */
  readonly residentBytes: number;
  readonly peakBytes: number;
  /** Of every scene, in the order of the data set. */
  readonly answers: readonly Answer[];
  /** Those of them that are. */
  readonly wrong: readonly Answer[];
};

export type Answer = Pick<Judged, 'id' | 'label' | 'answer' | 'probability'>;

/** The same for people. */
export function reportText(report: EvaluationReport): string {
  const { model, scenes, estimator, backend, seed, confidence, seconds, residentBytes, peakBytes } = report;
  return [
    `${model.name} ${model.version} on ${scenes} scenes of ${report.dataset}: ${placesText(report)} each, ${estimator}, seed ${seed}, ${backend}`,
    '',
    `right                        ${shareText(report.right)}`,
    `balanced over the classes    ${(100 * report.balancedAccuracy).toFixed(1).padStart(5)} %`,
    `object looked at             ${shareText(report.lookedAt)}`,
    `strongest pull on it         ${shareText(report.strongestPull)}`,
    `right when called high       ${shareText(confidence.high)}`,
    `right when called nominal    ${shareText(confidence.nominal)}`,
    `right when called low        ${shareText(confidence.low)}`,
    `standard error of an answer  ${report.standardError.toFixed(4)} (median)`,
    `seconds per scene            ${seconds.median.toFixed(3)} (median), ${seconds.p95.toFixed(3)} (95th percentile)`,
    `memory                       ${megabytes(residentBytes)} (median), ${megabytes(peakBytes)} (peak)`,
    '',
    ...confusionLines(report),
    '',
  ].join('\n');
}

/** How many places a scene was looked at in. */
export function placesText({ patches, asAsked }: Pick<EvaluationReport, 'patches' | 'asAsked'>): string {
  return asAsked ? `${patches} places` : `at most ${patches} places`;
}

/** A row for each class that scenes have, a column for each answer. */
function confusionLines({ classes, confusion, recall }: Evaluation): string[] {
  const width = Math.max(9, ...classes.map((name) => name.length + 2));
  const row = (name: string, cells: readonly (string | number)[], last: string) =>
    `${name.padEnd(width)}${cells.map((cell) => String(cell).padStart(width)).join('')}   ${last}`;
  return [
    row('is \\ said', classes, 'right'),
    ...classes.map((name, index) => row(name, confusion[index] ?? [], shareText(recall[name] as Share))), // one a class
  ];
}

function shareText({ share, standardError, of }: Share): string {
  if (share === null || standardError === null) return '– (no such scenes)';
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  return `${percent(share).padStart(7)} ± ${percent(standardError)} of ${of}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
