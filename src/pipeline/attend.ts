import type { AttendedScene, Attends, OpenScene } from './scene-in-work.ts';
import { type StageOf, type StageSettings, stage } from './stage.ts';

/** Score the overview: where in the scene is it worth looking? */
export function attend(model: Attends, settings: StageSettings): StageOf<OpenScene, AttendedScene> {
  return stage('attend', settings, async (scene) => ({ ...scene, attention: await model.attend(scene.overview) }));
}
