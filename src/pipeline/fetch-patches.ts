import { placePatches } from '../place-patches.ts';
import type { Level } from '../sources/cog.ts';
import { addedCost } from './added-cost.ts';
import type { Observe } from './observe.ts';
import type { DrawnScene, FetchedScene, StageOf } from './scene-in-work.ts';

/** Read the drawn places at full resolution: only the tiles under them. */
export function fetchPatches(observe: Pick<Observe, 'read'>): StageOf<DrawnScene, FetchedScene> {
  return async (drawn, signal) => {
    const { scene, trace, cog, levels, overview, read, attention, draw, windows } = drawn;
    const before = { ...cog.cost };
    const found = await read(windows, signal);
    const cost = addedCost(before, cog.cost);
    observe.read('patches', cost);
    // An overview that was made from the very level of the patches has read all of it.
    const share = levels.overview === levels.patches ? 1 : cost.tiles / cog.tileBytes(levels.patches).length;
    const level = cog.levels[levels.patches] as Level; // an index into levels
    const patches = placePatches(found, windows, level);
    return { scene, trace, cog, levels, overview, read, attention, draw, windows, patches, share };
  };
}
