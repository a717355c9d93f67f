import type { Classification } from '../scene.ts';

/** What the demo tells: a line for each scene, and how often it was right at what cost. */
export type Answer = { readonly classification: Classification; readonly truth: string | undefined };

export type DemoSummary = {
  readonly scenes: number;
  readonly right: number;
  /** Of all scenes together: what was read, and how long the files are. */
  readonly bytesRead: number;
  readonly bytesTotal: number;
  readonly requests: number;
  /** From a scene's turn to its answer, with as many scenes at a time as there are lanes. */
  readonly secondsP50: number;
  readonly secondsP95: number;
};

export function summarise(answers: readonly Answer[]): DemoSummary {
  const found = answers.map(({ classification }) => classification);
  const sum = (value: (one: Classification) => number) => found.reduce((total, one) => total + value(one), 0);
  const seconds = found.map((one) => one.seconds.total).sort((a, b) => a - b);
  const quantile = (share: number) => round(seconds[Math.ceil(share * seconds.length) - 1] ?? 0);
  return {
    scenes: answers.length,
    right: answers.filter(({ classification, truth }) => classification.class === truth).length,
    bytesRead: sum(({ read }) => read.bytes),
    bytesTotal: sum(({ source }) => source.bytes),
    requests: sum(({ read }) => read.requests),
    secondsP50: quantile(0.5),
    secondsP95: quantile(0.95),
  };
}

export function answerLine({ classification, truth }: Answer): string {
  const { scene, class: answer, probabilities, standardError, read, source, seconds } = classification;
  const verdict = answer === truth ? '✓' : `✗ is ${truth}`;
  const sure = `${(probabilities[answer] ?? 0).toFixed(3)} ± ${standardError.toFixed(3)}`;
  const cost = `${percent(read.bytes / source.bytes)} of ${megabytes(source.bytes)} in ${read.requests} requests`;
  return `${scene.id}  ${answer.padEnd(9)} ${sure}  ${cost}  ${seconds.total.toFixed(2)} s  ${verdict}`;
}

export function summaryText(summary: DemoSummary, out: string): string {
  const { scenes, right, bytesRead, bytesTotal, requests, secondsP50, secondsP95 } = summary;
  return [
    `${right} of ${scenes} scenes right`,
    `${megabytes(bytesRead)} read of ${megabytes(bytesTotal)} (${percent(bytesRead / bytesTotal)}), in ${requests} requests`,
    `seconds per scene: median ${secondsP50}, 95th percentile ${secondsP95}`,
    `events in ${out}/events.jsonl, a heatmap of each scene in ${out}/heatmaps`,
  ].join('\n');
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function round(seconds: number): number {
  return Number(seconds.toFixed(3));
}
