import { setImmediate as breathe } from 'node:timers/promises';
import { claimFolder, type DatasetSettings, isLabelled, labelFolder } from '../dataset-folder.ts';
import { makeScenes, type ScenesMade, sceneFile } from '../make-scenes.ts';
import { planHarbour, type SceneOrder } from './plan-harbour.ts';
import { sceneClasses } from './scene.ts';
import { type SceneLabel, sceneLabel } from './scene-label.ts';
import { sceneWriter } from './scene-writer.ts';

/**
 * Makes the harbour data set: scenes as COGs, `labels.jsonl` with the truth about them, `dataset.json` with how they
 * were made. A scene is made whole or not at all, and depends on its seed, index and size alone: called again, what is
 * there is kept, and an interrupted or a smaller data set is completed.
 */
export type HarbourOrder = {
  readonly directory: string;
  readonly scenes: number;
  /** Sides of the scenes in pixels, taken in turn by groups of four, so that each size has all classes. */
  readonly sizes: readonly number[];
  readonly seed: number;
  /** Scenes made at a time; with more than one, each in a thread of its own. */
  readonly workers?: number;
  readonly signal?: AbortSignal;
  /** Called with the number of scenes there are: at the start, and after each scene. */
  readonly onScene?: (done: number) => void;
};

/** Grows when the same order would give other scenes. */
const VERSION = 1;

/** Of JPEG: high enough for patterns of a few pixels. */
const QUALITY = 88;

const LABELS = 'labels.jsonl';

/** @throws {UsageError} when the directory holds another data set */
export async function makeHarbour(order: HarbourOrder): Promise<ScenesMade> {
  const { directory, scenes, seed, sizes, workers = 1, signal, onScene } = order;
  const settings = { name: 'harbour', version: VERSION, seed, sizes, quality: QUALITY };
  await claimFolder(directory, settings);
  const { lanes, write, close } = sceneWriter(workers, signal);
  const writer = {
    ...{ lanes, close },
    write: (index: number, path: string) => write({ ...sceneOrder(order, index), path, quality: QUALITY }),
  };
  const made = await makeScenes({ directory, scenes, signal, onScene, writer });
  return { ...made, complete: made.complete && (await label(order, settings)) };
}

function sceneOrder({ seed, sizes }: HarbourOrder, index: number): SceneOrder {
  const group = Math.floor(index / sceneClasses.length);
  return { seed, index, size: sizes[group % sizes.length] as number };
}

/** @returns false when the signal stopped it */
async function label(order: HarbourOrder, settings: DatasetSettings): Promise<boolean> {
  const { directory, scenes, signal } = order;
  if (await isLabelled(directory, { scenes, file: LABELS })) return true;
  const lines: string[] = [];
  for (let index = 0; index < scenes; index += 1) {
    if (signal?.aborted) return false;
    lines.push(`${JSON.stringify(labelOf(sceneOrder(order, index)))}\n`);
    await breathe();
  }
  await labelFolder(directory, settings, { scenes, labels: { file: LABELS, text: lines.join('') } });
  return true;
}

function labelOf(order: SceneOrder): SceneLabel {
  const { seed, index } = order;
  return sceneLabel(planHarbour(order), { id: `harbour-${seed}-${index}`, file: sceneFile(index), seed, index });
}
