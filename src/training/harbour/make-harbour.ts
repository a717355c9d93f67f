import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { UsageError } from '../../errors.ts';
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
  readonly workers?: number;
  readonly signal?: AbortSignal;
  /** Called after each scene with the number of scenes there are. */
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
  const { directory, sizes, seed, signal } = order;
  const settings = { name: 'harbour', version: VERSION, seed, sizes, quality: QUALITY };
  await claim(directory, settings);
  const orders = Array.from({ length: order.scenes }, (_, index) => sceneOrder(order, index));
  const sizesOfFiles = await Promise.all(orders.map((one) => bytesOf(join(directory, fileOf(one)))));
  const missing = orders.filter((_, index) => sizesOfFiles[index] === undefined);
  let bytes = sizesOfFiles.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  let scenes = orders.length - missing.length;
  order.onScene?.(scenes);
  const writer = sceneWriter(order.workers ?? 1, signal);
  const lane = async () => {
    for (let next = missing.shift(); next !== undefined && !signal?.aborted; next = missing.shift()) {
      bytes += await writer.write({ ...next, path: join(directory, fileOf(next)), quality: QUALITY });
      scenes += 1;
      order.onScene?.(scenes);
    }
  };
  const kept = scenes;
  try {
    await Promise.all(Array.from({ length: writer.lanes }, lane));
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  } finally {
    await writer.close();
  }
  const complete = scenes === orders.length;
  if (complete) await describe(directory, settings, orders.map(labelOf));
  return { complete, scenes, made: scenes - kept, bytes };
}

function sceneOrder({ seed, sizes }: HarbourOrder, index: number): SceneOrder {
  const group = Math.floor(index / sceneClasses.length);
  return { seed, index, size: sizes[group % sizes.length] as number };
}

function labelOf(order: SceneOrder): SceneLabel {
  const file = fileOf(order);
  return sceneLabel(planHarbour(order), { id: `harbour-${order.seed}-${order.index}`, file, ...order });
}

function fileOf({ index }: SceneOrder): string {
  return `scene-${String(index).padStart(5, '0')}.tif`;
}

async function bytesOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch {
    return undefined;
  }
}

type Settings = { readonly name: string; readonly [setting: string]: unknown };

/** Writes down what the directory is for, or checks it against what was written down before. */
async function claim(directory: string, settings: Settings): Promise<void> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, 'dataset.json');
  const known = await readFile(path, 'utf8').catch(() => undefined);
  if (known === undefined) return replace(path, json(settings));
  const { scenes: _scenes, labels: _labels, ...before } = parsed(known);
  if (isDeepStrictEqual(before, settings)) return;
  const [there, wanted] = [before, settings].map((one) => JSON.stringify(one));
  throw new UsageError([
    `${directory} holds another data set: ${there}, not ${wanted}; name another folder, or remove it`,
  ]);
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

async function describe(directory: string, settings: Settings, labels: readonly SceneLabel[]): Promise<void> {
  const text = labels.map((label) => `${JSON.stringify(label)}\n`).join('');
  const sha256 = createHash('sha256').update(text).digest('hex');
  await replace(join(directory, 'labels.jsonl'), text);
  await replace(join(directory, 'dataset.json'), json({ ...settings, scenes: labels.length, labels: { sha256 } }));
}

async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.part`, text);
  await rename(`${path}.part`, path);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
