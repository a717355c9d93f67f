import type { Inference } from '../model/inference.ts';
import type { Window } from '../scene.ts';
import { type GlanceSettings, glance } from './glance.ts';
import type { LabelledScene } from './labels.ts';
import type { SceneStore } from './scene-store.ts';

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
};

export type ValidationParts = {
  readonly store: SceneStore;
  readonly inference: Inference;
  readonly classes: readonly string[];
};

/** Classifies every scene of a data set as in use: one draw each, the seed and the scene's id deciding which. */
export async function validate(
  scenes: readonly LabelledScene[],
  { store, inference, classes, ...settings }: GlanceSettings & ValidationParts,
): Promise<Judged[]> {
  const judged: Judged[] = [];
  for (const scene of scenes) {
    const stored = await store.load(scene.path);
    const attention = inference.attend(stored.overview);
    const { draw, windows, patches } = await glance(stored, attention, [scene.id], settings);
    const { probabilities, standardError, pulls } = inference.look(patches, draw);
    const probability = Math.max(...probabilities);
    const touches = windows.map((window) => overlaps(window, scene.box));
    judged.push({
      id: scene.id,
      label: scene.class,
      answer: classes[probabilities.indexOf(probability)] as string,
      probability,
      standardError,
      found: scene.box && touches.includes(true),
      pulled: scene.box && touches[pulls.indexOf(Math.max(...pulls))],
    });
  }
  return judged;
}

function overlaps(a: Window, b: Window | undefined): boolean {
  return b !== undefined && a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
