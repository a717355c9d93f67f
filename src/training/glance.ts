import { type DrawSettings, draw } from '../model/estimators/draw.ts';
import { gridGeometry, type WindowStack } from '../model/geometry.ts';
import type { Draw } from '../model/model.ts';
import { patchWindows } from '../model/patch-windows.ts';
import { placePatches } from '../place-patches.ts';
import type { AttentionMap, Raster, Window } from '../scene.ts';
import type { StoredScene } from './scene-store.ts';

/** The places of a scene that a draw from its attention map looks at, and what is seen there. */
export type Glance = { readonly draw: Draw; readonly windows: readonly Window[]; readonly patches: readonly Raster[] };

export type GlanceSettings = {
  readonly stack: WindowStack;
  /** Side of a patch in pixels. */
  readonly patch: number;
} & Omit<DrawSettings, 'key'>;

/** @param key names the draw: the same key, seed and map give the same places */
export async function glance(
  scene: StoredScene,
  attention: AttentionMap,
  key: readonly (string | number)[],
  { stack, patch, ...settings }: GlanceSettings,
): Promise<Glance> {
  const drawn = draw(attention, { ...settings, key });
  const grid = gridGeometry(stack, scene.overview);
  const windows = patchWindows(drawn, { grid, level: scene, overview: scene.overview, patch });
  return { draw: drawn, windows, patches: placePatches(await scene.patches(windows), windows, scene) };
}
