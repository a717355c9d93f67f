import { setImmediate as breathe } from 'node:timers/promises';
import { SceneError } from '../errors.ts';
import type { Inference } from '../model/inference.ts';
import type { AttentionMap, Window } from '../scene.ts';
import { type GlanceSettings, glance } from './glance.ts';
import type { LabelledScene } from './labels.ts';
import type { SceneStore, StoredScene } from './scene-store.ts';

/** One scene's answer against its label. */
export type Judged = {
  readonly id: string;
  readonly label: string;
  readonly answer: string;
  readonly probability: number;
  readonly standardError: number;
  /** Whether a place that was looked at lies on the object of interest; undefined where the labels do not say where it is. */
  readonly found: boolean | undefined;
  /** The same of the place with the strongest pull. */
  readonly pulled: boolean | undefined;
  /** From the file to the answer. */
  readonly seconds: number;
};

/** What an answer rests on; `pulls[n]` is that of `windows[n]`. */
export type Seen = {
  readonly scene: StoredScene;
  readonly attention: AttentionMap;
  readonly windows: readonly Window[];
  readonly pulls: readonly number[];
};

export type ValidationParts = {
  readonly store: SceneStore;
  readonly inference: Inference;
  readonly classes: readonly string[];
  /** Told of every scene as it is judged; the next one waits for it. */
  readonly onJudged?: (judged: Judged, seen: Seen) => void | Promise<void>;
  readonly signal?: AbortSignal;
};

/**
 * Classifies every scene of a data set as in use: one draw each, the seed and the scene's id deciding which.
 * @throws {SceneError} for the first scene that cannot be read; the signal's reason once it is aborted
 */
export async function validate(
  scenes: readonly LabelledScene[],
  parts: GlanceSettings & ValidationParts,
): Promise<Judged[]> {
  const judged: Judged[] = [];
  for (const scene of scenes) {
    await breathe(); // scenes that are kept in memory leave no other pause in which Ctrl-C could be heard
    parts.signal?.throwIfAborted();
    const { seen, ...one } = await judge(scene, parts);
    judged.push(one);
    await parts.onJudged?.(one, seen);
  }
  return judged;
}

async function judge(
  scene: LabelledScene,
  { store, inference, classes, ...settings }: GlanceSettings & ValidationParts,
): Promise<Judged & { readonly seen: Seen }> {
  const startedAt = performance.now();
  const stored = await store.load(scene.path);
  const attention = await inference.attend(stored.overview).catch((error: unknown) => {
    if (!(error instanceof SceneError)) throw error;
    throw new SceneError(error.code, `${scene.path}: ${error.message}`, { cause: error });
  });
  const { draw, windows, patches } = await glance(stored, attention, [scene.id], settings);
  // Attention that is no number, as of samples too large to compute with, puts every place out of reach.
  if (draw.cells.length === 0)
    throw new SceneError('scene.unsuitable', `${scene.path}: there is no place worth looking at`);
  const { probabilities, standardError, pulls } = await inference.look(patches, draw);
  const probability = Math.max(...probabilities);
  if (Number.isNaN(probability))
    throw new SceneError('scene.unsuitable', `${scene.path} has samples that are no numbers`);
  const touches = windows.map((window) => (scene.boxes ?? []).some((box) => overlaps(window, box)));
  return {
    id: scene.id,
    label: scene.class,
    answer: classes[probabilities.indexOf(probability)] as string, // one probability a class
    probability,
    standardError,
    found: scene.boxes && touches.includes(true),
    pulled: scene.boxes && touches[pulls.indexOf(Math.max(...pulls))],
    seconds: (performance.now() - startedAt) / 1000,
    seen: { scene: stored, attention, windows, pulls },
  };
}

/** Whether two windows have a pixel in common. */
export function overlaps(a: Window, b: Window): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
