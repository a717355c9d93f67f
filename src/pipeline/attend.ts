import type { AttendedScene, Attends, OpenScene, StageOf } from './scene-in-work.ts';

/** Score the overview: where in the scene is it worth looking? */
export function attend(model: Attends): StageOf<OpenScene, AttendedScene> {
  return async ({ scene, trace, cog, levels, overview, read }) => {
    const attention = await model.attend(overview);
    return { scene, trace, cog, levels, overview, read, attention };
  };
}
