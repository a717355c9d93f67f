import type { Verdict } from './judge.ts';
import type { Stage, StageParts } from './stage.ts';

/** One line of the table: what happens, and what must hold. */
export type Disaster = {
  readonly row: number;
  readonly what: string;
  /** Of all members. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly members: number;
  readonly outputPartitions?: number;
  /** Of the cluster that it is played on; one, where nothing is said. */
  readonly brokers?: number;
  /** Plays it, until everything that was sent is done. */
  play(stage: Stage, parts: Scene): Promise<Observed>;
};

export type Scene = StageParts & {
  /** Kill a broker at once, and start it again. */
  readonly kill: (node?: number) => Promise<void>;
  readonly restart: (node?: number) => Promise<void>;
  readonly random: Iterator<number, never>;
};

/** What was seen beside the topics. */
export type Observed = {
  /** Repeats that are allowed. */
  readonly repeats?: number;
  /** Figures worth telling. */
  readonly figures?: Readonly<Record<string, number | string>>;
  /** What did not hold. */
  readonly broken?: readonly string[];
  /** What took too long, or too much memory; other work on the machine, or a run too short to warm up, may be to blame. */
  readonly late?: readonly string[];
};

/** All that did not hold, times left aside: what must hold always, and what the disaster itself asks for. */
export function brokenPromises(verdict: Verdict, { repeats = 0, broken = [] }: Observed, ordered: boolean): string[] {
  const { lost, repeated, otherIds, outOfOrder, commitsBack } = verdict;
  return [
    ...(lost > 0 ? [`${lost} lost`] : []),
    ...(repeated > repeats ? [`${repeated} repeated, ${repeats} allowed`] : []),
    ...(otherIds > 0 ? [`${otherIds} repeated with another event id`] : []),
    ...(ordered && outOfOrder > 0 ? [`${outOfOrder} out of order`] : []),
    ...(commitsBack > 0 ? [`${commitsBack} commits went back`] : []),
    ...broken,
  ];
}

/** A promise that is broken where `isSo` is false. */
export function expectThat(isSo: boolean, otherwise: string): string[] {
  return isSo ? [] : [otherwise];
}

export function rounded(seconds: number): number {
  return Math.round(1000 * seconds) / 1000;
}
