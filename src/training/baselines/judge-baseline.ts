import { setImmediate as breathe } from 'node:timers/promises';
import { SceneError } from '../../errors.ts';
import type { LabelledScene } from '../labels.ts';
import type { SceneStore } from '../scene-store.ts';
import { type Judged, overlaps } from '../validate.ts';
import type { Baseline } from './baseline.ts';

export type JudgeParts = {
  readonly baseline: Pick<Baseline, 'answer'>;
  readonly store: SceneStore;
  readonly classes: readonly string[];
  readonly onJudged?: (judged: Judged) => void;
  readonly signal: AbortSignal;
};

/**
 * Asks a rival about every scene of a data set. It draws nothing, so there is no error bar, and it looks everywhere or
 * nowhere: only the place that counted most, if it weighs places, can lie on the object of interest.
 * @throws {SceneError} for the first scene that cannot be read; the signal's reason once it is aborted
 */
export async function judgeBaseline(scenes: readonly LabelledScene[], parts: JudgeParts): Promise<Judged[]> {
  const { baseline, store, classes, onJudged, signal } = parts;
  const judged: Judged[] = [];
  for (const scene of scenes) {
    await breathe(); // scenes that are kept in memory leave no other pause in which Ctrl-C could be heard
    signal.throwIfAborted();
    const startedAt = performance.now();
    const { probabilities, strongest } = await baseline.answer(await store.load(scene.path));
    const probability = Math.max(...probabilities);
    if (Number.isNaN(probability))
      throw new SceneError('scene.unsuitable', `${scene.path} has samples that are no numbers`);
    judged.push({
      id: scene.id,
      label: scene.class,
      answer: classes[probabilities.indexOf(probability)] as string, // one probability a class
      probability,
      standardError: 0,
      found: undefined,
      pulled: scene.boxes && strongest && scene.boxes.some((box) => overlaps(strongest, box)),
      seconds: (performance.now() - startedAt) / 1000,
    });
    onJudged?.(judged.at(-1) as Judged);
  }
  return judged;
}
