import { type RandomKey, randomKey, uniform } from '../random.ts';

/**
 * Which scenes a step looks at. Everything follows from the seed and the step's number, so a run that was interrupted
 * goes on with the very scenes it would have seen.
 */
export type Stage = {
  readonly dataset: string;
  readonly steps: number;
  readonly learningRate: number;
  /** Steps in which the rate rises to `learningRate`, from nothing. */
  readonly warmUpSteps?: number | undefined;
  /** What the rate falls to at the end of the stage, along half a cosine; none: it stays. */
  readonly finalLearningRate?: number | undefined;
  /** Places that a step looks at in each scene; none: as the experiment says for all stages. */
  readonly patches?: number | undefined;
};

/** The stage that a step belongs to, and how many steps of the stage came before; undefined after the last one. */
export function stageOf(stages: readonly Stage[], step: number): { stage: Stage; index: number } | undefined {
  let index = step;
  for (const stage of stages) {
    if (index < stage.steps) return { stage, index };
    index -= stage.steps;
  }
  return undefined;
}

/** The learning rate of a stage's `index`-th step. */
export function learningRateAt(stage: Stage, index: number): number {
  const { steps, learningRate, warmUpSteps = 0, finalLearningRate = learningRate } = stage;
  if (index < warmUpSteps) return (learningRate * (index + 1)) / warmUpSteps;
  const done = (index - warmUpSteps) / Math.max(steps - warmUpSteps - 1, 1);
  return finalLearningRate + ((learningRate - finalLearningRate) * (1 + Math.cos(Math.PI * done))) / 2;
}

/** The scenes of a stage's `index`-th batch: the data set is shuffled anew for every pass through it. */
export function batchOf<T>(scenes: readonly T[], index: number, { batch, seed }: { batch: number; seed: number }): T[] {
  const first = index * batch;
  const passes = new Map<number, number[]>();
  return Array.from({ length: batch }, (_, i) => {
    const pass = Math.floor((first + i) / scenes.length);
    const order = passes.get(pass) ?? shuffled(scenes.length, randomKey(seed, 'pass', pass));
    passes.set(pass, order);
    return scenes[order[(first + i) % scenes.length] as number] as T;
  });
}

/** A permutation of 0 … count − 1 (Fisher–Yates). */
function shuffled(count: number, key: RandomKey): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i -= 1) {
    const j = Math.floor(uniform(key, i) * (i + 1));
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}
