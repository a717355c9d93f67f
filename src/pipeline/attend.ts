import type { OperatorFunction } from 'rxjs';
import type { AttendedScene, Attends, OpenScene } from './scene-in-work.ts';
import { type StageSettings, stage } from './stage.ts';

/** Score the overview: where in the scene is it worth looking? */
export function attend(model: Attends, settings: StageSettings): OperatorFunction<OpenScene, AttendedScene> {
  return stage('attend', settings, async (scene: OpenScene) => ({
    ...scene,
    attention: await model.attend(scene.overview),
  }));
}
