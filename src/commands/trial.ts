import type { Inference } from '../model/inference.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Backend } from '../model/model.ts';
import type { GlanceSettings } from '../training/glance.ts';
import type { LabelledScene } from '../training/labels.ts';

/** A model at work in this thread, and the scenes that it is judged on. */
export type Trial = {
  readonly dataset: string;
  readonly scenes: readonly LabelledScene[];
  readonly directory: string;
  readonly manifest: Manifest;
  readonly backend: Backend;
  readonly inference: Inference;
  readonly glance: GlanceSettings;
};
