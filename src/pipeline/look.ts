import type { FetchedScene, Looks, SeenScene } from './scene-in-work.ts';
import { type StageOf, type StageSettings, stage } from './stage.ts';

/** Look at the patches: what do they say of the scene? */
export function look(model: Looks, settings: StageSettings): StageOf<FetchedScene, SeenScene> {
  return stage('look', settings, async (scene) => ({
    ...scene,
    verdict: await model.look(scene.patches, scene.draw),
  }));
}
