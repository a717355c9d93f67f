import type { OperatorFunction } from 'rxjs';
import type { FetchedScene, Looks, SeenScene } from './scene-in-work.ts';
import { type StageSettings, stage } from './stage.ts';

/** Look at the patches: what do they say of the scene? */
export function look(model: Looks, settings: StageSettings): OperatorFunction<FetchedScene, SeenScene> {
  return stage('look', settings, async (scene: FetchedScene) => ({
    ...scene,
    verdict: await model.look(scene.patches, scene.draw),
  }));
}
