import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { claimFolder, type DatasetSettings, isLabelled, labelFolder } from '../dataset-folder.ts';
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

export type HarbourMade = {
  /** False when the signal stopped it: what was made until then is kept. */
  readonly complete: boolean;
  readonly scenes: number;
  /** Of them, made now. */
  readonly made: number;
  /** Of all scenes' files. */
  readonly bytes: number;
};

/** Grows when the same order would give other scenes. */
const VERSION = 1;

/** Of JPEG: high enough for patterns of a few pixels. */
const QUALITY = 88;

/** @throws {UsageError} when the directory holds another data set */
export async function makeHarbour(order: HarbourOrder): Promise<HarbourMade> {
  const { directory, seed, sizes, signal } = order;
  const settings = { name: 'harbour', version: VERSION, seed, sizes, quality: QUALITY };
  await claimFolder(directory, settings);
  const orders = Array.from({ length: order.scenes }, (_, index) => sceneOrder(order, index));
  const bytes = await Promise.all(orders.map((one) => bytesOf(join(directory, fileOf(one)))));
  const kept = bytes.filter((size) => size !== undefined).length;
  await makeMissing(order, orders, bytes);
  const scenes = bytes.filter((size) => size !== undefined).length;
  const complete = scenes === orders.length && (await label(directory, settings, { orders, signal }));
  return { complete, scenes, made: scenes - kept, bytes: bytes.reduce<number>((sum, size) => sum + (size ?? 0), 0) };
}

function sceneOrder({ seed, sizes }: HarbourOrder, index: number): SceneOrder {
  const group = Math.floor(index / sceneClasses.length);
  return { seed, index, size: sizes[group % sizes.length] as number };
}

/** Makes the scenes that have no bytes yet, and notes how many they have then. */
async function makeMissing(
  { directory, workers, signal, onScene }: HarbourOrder,
  orders: readonly SceneOrder[],
  bytes: (number | undefined)[],
): Promise<void> {
  const missing = orders.filter((_, index) => bytes[index] === undefined);
  let done = orders.length - missing.length;
  onScene?.(done);
  if (done === orders.length) return;
  const writer = sceneWriter(workers ?? 1, signal);
  const lane = async () => {
    for (let next = missing.shift(); next !== undefined && !signal?.aborted; next = missing.shift()) {
      bytes[next.index] = await writer.write({ ...next, path: join(directory, fileOf(next)), quality: QUALITY });
      done += 1;
      onScene?.(done);
    }
  };
  try {
    await Promise.all(Array.from({ length: writer.lanes }, lane));
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  } finally {
    await writer.close();
  }
}

/** @returns false when the signal stopped it */
async function label(
  directory: string,
  settings: DatasetSettings,
  { orders, signal }: { orders: readonly SceneOrder[]; signal: AbortSignal | undefined },
): Promise<boolean> {
  if (await isLabelled(directory, orders.length)) return true;
  const labels: SceneLabel[] = [];
  for (const order of orders) {
    if (signal?.aborted) return false;
    labels.push(labelOf(order));
    await breathe();
  }
  await labelFolder(directory, settings, labels);
  return true;
}

function labelOf(order: SceneOrder): SceneLabel {
  const { seed, index } = order;
  return sceneLabel(planHarbour(order), { id: `harbour-${seed}-${index}`, file: fileOf(order), seed, index });
}

function fileOf({ index }: SceneOrder): string {
  return `scene-${String(index).padStart(5, '0')}.tif`;
}

async function bytesOf(path: string): Promise<number | undefined> {
  const facts = await stat(path).catch(() => undefined);
  return facts?.size;
}
