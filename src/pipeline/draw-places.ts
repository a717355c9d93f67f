import { SceneError } from '../errors.ts';
import type { DrawSettings } from '../model/estimators/draw.ts';
import type { Draw, Model } from '../model/model.ts';
import type { AttentionMap } from '../scene.ts';
import type { Cog, Level } from '../sources/cog.ts';
import type { AttendedScene, DrawnScene } from './scene-in-work.ts';

/** Draws places from an attention map, the same ones for the same seed and key. */
export type DrawCells = (attention: AttentionMap, settings: DrawSettings) => Draw;

/**
 * Draw the places to look at. The draw depends on the seed, the file's content, the scene and the model alone, so that
 * a replay looks at the same places.
 */
export function drawPlaces(
  draw: DrawCells,
  model: Pick<Model, 'manifest' | 'sha256' | 'windows'>,
  { seed }: { seed: number },
): (scene: AttendedScene) => DrawnScene {
  const { estimator, patches } = model.manifest.draw;
  return ({ scene, trace, cog, levels, overview, read, attention }) => {
    const key = [contentOf(cog), scene.id, model.sha256];
    const drawn = draw(attention, { estimator, patches, seed, key });
    if (drawn.cells.length === 0) throw new SceneError('scene.unsuitable', 'there is no place worth looking at');
    const level = cog.levels[levels.patches] as Level; // an index into levels
    const windows = model.windows(drawn, level, overview);
    return { scene, trace, cog, levels, overview, read, attention, draw: drawn, windows };
  };
}

/** Names a file's content: its ETag, else when it was changed and how long it is. */
export function contentOf({ etag, lastModified, bytes }: Pick<Cog, 'etag' | 'lastModified' | 'bytes'>): string {
  return etag ?? `${lastModified ?? ''}+${bytes}`;
}
