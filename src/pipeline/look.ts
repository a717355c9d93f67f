import type { FetchedScene, Looks, SeenScene, StageOf } from './scene-in-work.ts';

/** Look at the patches: what do they say of the scene? */
export function look(model: Looks): StageOf<FetchedScene, SeenScene> {
  return async (fetched) => {
    const { scene, trace, cog, levels, overview, read, attention, draw, windows, patches, share } = fetched;
    const verdict = await model.look(patches, draw);
    return { scene, trace, cog, levels, overview, read, attention, draw, windows, patches, share, verdict };
  };
}
