import { placePatches } from '../place-patches.ts';
import type { Level } from '../sources/cog.ts';
import { addedCost } from './added-cost.ts';
import type { DrawnScene, FetchedScene } from './scene-in-work.ts';
import { type StageOf, type StageSettings, stage } from './stage.ts';

/** Read the drawn places at full resolution: only the tiles under them. */
export function fetchPatches(settings: StageSettings): StageOf<DrawnScene, FetchedScene> {
  return stage('fetch', settings, async (scene, signal) => {
    const { cog, levels, windows } = scene;
    const before = { ...cog.cost };
    const patches = await scene.read(windows, signal);
    const cost = addedCost(before, cog.cost);
    settings.observe.read('patches', cost);
    // An overview that was made from the very level of the patches has read all of it.
    const share = levels.overview === levels.patches ? 1 : cost.tiles / cog.tileBytes(levels.patches).length;
    const level = cog.levels[levels.patches] as Level; // an index into levels
    return { ...scene, patches: placePatches(patches, windows, level), share };
  });
}
