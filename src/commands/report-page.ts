import type { Share } from '../training/evaluation.ts';
import { type CostRow, MOST_CELLS } from './cost-by-places.ts';
import { type EvaluationReport, placesText } from './evaluation-text.ts';

/**
 * What `saccade evaluate --report` writes: one Markdown page that can be read without the code, with its pictures beside
 * it. Shares are given with their binomial standard error.
 */
export type Picture = {
  readonly scene: string;
  readonly label: string;
  readonly answer: string;
  readonly probability: number;
  /** Paths relative to the page: scene, attention and places; what was seen at each place. */
  readonly attention: string;
  readonly patches: string;
};

export type PageParts = {
  readonly costs: readonly CostRow[];
  /** Of the attention map of each scene that costs were measured on. */
  readonly cells: readonly number[];
  readonly pictures: readonly Picture[];
};

export function reportPage(report: EvaluationReport, { costs, cells, pictures }: PageParts): string {
  const { model, dataset, scenes, estimator, seed, backend } = report;
  return [
    `# ${model.name} ${plain(model.version)} on ${plain(dataset)}`,
    `${scenes} scenes; ${placesText(report)} in each, drawn by \`${estimator}\`, seed ${seed}; backend ${backend}.`,
    '## How often it is right',
    qualityTable(report),
    '## What is taken for what',
    'A row for each class that scenes have, a column for each answer.',
    confusionTable(report),
    '## Whether its probabilities can be believed',
    `Expected calibration error ${report.calibration.expectedError.toFixed(3)}: the mean gap between the probability an answer is given with and how often such answers are right.`,
    calibrationTable(report),
    '## What more places cost, and bring',
    'Time from the file to the answer, median over the scenes; memory is the most bytes of tensors at once in the scene of the most places, weights included.',
    costTable(costs, cells),
    '## What it looked at',
    'Left the scene, right the attention; boxes are the places looked at, the yellow one pulled the answer most. Below them what was seen there, strongest pull first.',
    ...pictures.map(pictureText),
    '',
  ].join('\n\n');
}

function qualityTable(report: EvaluationReport): string {
  const { right, balancedAccuracy, lookedAt, strongestPull, confidence } = report;
  return table(
    ['', 'share', 'of scenes'],
    [
      shareRow('right', right),
      ['right, every class counting alike', percent(balancedAccuracy), String(right.of)],
      shareRow('a place lies on the object', lookedAt),
      shareRow('the strongest pull lies on it', strongestPull),
      shareRow('right when called high', confidence.high),
      shareRow('right when called nominal', confidence.nominal),
      shareRow('right when called low', confidence.low),
    ],
  );
}

function confusionTable({ classes, confusion, recall }: EvaluationReport): string {
  const rows = classes.map((name, is) => {
    const cells = confusion[is] ?? [];
    return [`**${plain(name)}**`, ...cells.map(String), shareText(recall[name])];
  });
  return table(['is \\ said', ...classes.map(plain), 'right'], rows);
}

function calibrationTable({ calibration }: EvaluationReport): string {
  const rows = calibration.bins.map(({ from, to, scenes, probability, accuracy }) => [
    `${from.toFixed(1)} to ${to.toFixed(1)}`,
    String(scenes),
    probability.toFixed(3),
    accuracy.toFixed(3),
  ]);
  return table(['probability', 'answers', 'mean probability', 'right'], rows);
}

function costTable(costs: readonly CostRow[], cells: readonly number[]): string {
  const [least, most] = [Math.min(...cells), Math.max(...cells)];
  const all = `all ${least === most ? most : `${least} to ${most}`} (exact)`;
  const rows = costs.map(({ places, asAsked, scenes, error, seconds, tensorBytes }) => [
    places === 'all' ? all : `${asAsked ? '' : 'at most '}${places}`,
    String(scenes),
    percent(error),
    (1000 * seconds).toFixed(1),
    (tensorBytes / 1e6).toFixed(1),
  ]);
  const left = most > MOST_CELLS ? [[all, '–', 'not run', 'not run', 'not run']] : [];
  return table(['places', 'scenes', 'wrong', 'ms a scene', 'tensors, MB'], [...rows, ...left]);
}

function pictureText({ scene, label, answer, probability, attention, patches }: Picture): string {
  const verdict = label === answer ? 'rightly' : `wrongly, it is ${plain(label)}`;
  return [
    `### ${plain(scene)}`,
    `Answered ${plain(answer)} (${probability.toFixed(3)}), ${verdict}.`,
    `![scene and attention](${attention})`,
    `![what was seen](${patches})`,
  ].join('\n\n');
}

function shareRow(name: string, share: Share): string[] {
  return [name, shareText(share), String(share.of)];
}

function shareText(share: Share | undefined): string {
  if (share === undefined || share.share === null || share.standardError === null) return '–';
  return `${percent(share.share)} ± ${percent(share.standardError)}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Scenes, classes and data sets may be named anything: on the page a name is a name, no markup, and one line. */
function plain(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_~#[\]<&|]/g, '\\$&');
}
