import type { OperatorFunction } from 'rxjs';
import type { DrawnScene, FetchedScene } from './scene-in-work.ts';
import { type StageSettings, stage } from './stage.ts';

/** Read the drawn places at full resolution: only the tiles under them. */
export function fetchPatches(settings: StageSettings): OperatorFunction<DrawnScene, FetchedScene> {
  return stage('fetch', settings, async (scene: DrawnScene, signal) => {
    const { cog, levels, windows } = scene;
    const before = cog.cost.tiles;
    const patches = await scene.read(windows, signal);
    // An overview that was made from the very level of the patches has read all of it.
    const share =
      levels.overview === levels.patches ? 1 : (cog.cost.tiles - before) / cog.tileBytes(levels.patches).length;
    return { ...scene, patches, share };
  });
}
