import * as tf from '@tensorflow/tfjs-core';
import { UsageError } from '../errors.ts';
import type { ShownOverviews } from '../model/attention.ts';
import { randomKey, uniform } from '../random.ts';
import { augmentScene } from './augment/augment-scene.ts';
import { classWeights } from './class-weights.ts';
import type { Experiment } from './experiment.ts';
import { type Glance, glance } from './glance.ts';
import type { LabelledScene } from './labels.ts';
import type { Learner } from './learn.ts';
import { lostNumbers } from './lost-numbers.ts';
import { rethrow, type StoredScene } from './scene-store.ts';
import { batchOf, stageOf } from './schedule.ts';
import type { Batch } from './trainer.ts';
import type { Workshop } from './workshop.ts';

/** What a step is about to look at: its scenes as they are shown this time, their labels and weights. */
export type ShownScenes = {
  readonly scenes: readonly StoredScene[];
  readonly labels: readonly number[];
  /** How much each scene counts in the loss. */
  readonly weights: readonly number[];
};

/**
 * Reads the scenes of a step and shows each in its own way; undefined after the last step.
 * @throws {UsageError} when they are shown in different sizes: a step computes with all of them at once
 * @throws {SceneError} for one that cannot be read, or in which there is no place to attend to
 */
export function showScenes(
  { model, training }: Experiment,
  datasets: ReadonlyMap<string, readonly LabelledScene[]>,
  { store, stack, step }: Pick<Learner, 'store' | 'stack'> & { readonly step: number },
): Promise<ShownScenes> | undefined {
  const at = stageOf(training.stages, step);
  if (at === undefined) return undefined;
  const all = datasets.get(at.stage.dataset) ?? [];
  const labelled = batchOf(all, at.index, training);
  const show = async ({ path }: LabelledScene, index: number) => {
    const showing = { seed: training.seed, step, index };
    const scene = await store.load(path);
    try {
      return augmentScene(scene, training.augmentation, { showing, model, stack });
    } catch (error) {
      return rethrow(path)(error);
    }
  };
  const labels = labelled.map((scene) => model.classes.indexOf(scene.class));
  const weightOf = classWeights(all, model.classes, training.classWeights);
  const weights = labels.map((label) => weightOf[label] as number);
  return Promise.all(labelled.map(show)).then((scenes) => {
    expectOneSize(scenes, labelled);
    return { scenes, labels, weights };
  });
}

function expectOneSize(scenes: readonly StoredScene[], labelled: readonly LabelledScene[]): void {
  const sizes = scenes.map(({ overview: { width, height } }) => `${width} × ${height}`);
  const other = sizes.findIndex((size) => size !== sizes[0]);
  if (other < 0) return;
  const told = [0, other].map((i) => `${labelled[i]?.path} ${sizes[i]}`).join(', ');
  throw new UsageError([
    `scenes of one step have overviews of different sizes: ${told}; scenes that differ in size want batch: 1, oblong ones no turns`,
  ]);
}

/**
 * Attends to the scenes with the networks as they are now, draws, and reads what was drawn.
 * @returns what to compute with; its overviews are tensors, of which the caller disposes
 */
export async function prepareBatch(
  { scenes, ...shown }: ShownScenes,
  workshop: Pick<Workshop, 'show' | 'attend' | 'glance'>,
  at: Pick<Experiment, 'training'> & { readonly step: number },
): Promise<Batch> {
  const overviews = workshop.show(scenes.map(({ overview }) => overview));
  try {
    const glances = await glanceAt(scenes, overviews, workshop, at);
    return {
      overviews,
      draws: glances.map(({ draw }) => draw),
      patches: glances.map(({ patches }) => patches),
      ...shown,
    };
  } catch (error) {
    tf.dispose([overviews.samples, overviews.data]);
    throw error;
  }
}

async function glanceAt(
  scenes: readonly StoredScene[],
  overviews: ShownOverviews,
  { attend, glance: settings }: Pick<Workshop, 'attend' | 'glance'>,
  { training, step }: Pick<Experiment, 'training'> & { readonly step: number },
): Promise<Glance[]> {
  const patches = patchesOf(training, step) ?? settings.patches;
  const attentions = await attend(overviews, (scenes[0] as StoredScene).overview); // of one size
  if (attentions.some(({ values }) => values.some(Number.isNaN))) throw lostNumbers('attention', step + 1);
  return Promise.all(
    attentions.map((attention, i) => glance(scenes[i] as StoredScene, attention, [step, i], { ...settings, patches })),
  );
}

/** How many places a step looks at, where it does not look at as many as in use. */
function patchesOf({ stages, patches, seed }: Experiment['training'], step: number): number | undefined {
  const own = stageOf(stages, step)?.stage.patches;
  if (own !== undefined) return own;
  return patches?.[Math.floor(uniform(randomKey(seed, 'patches'), step) * patches.length)];
}
