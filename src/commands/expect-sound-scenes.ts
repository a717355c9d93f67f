import { UsageError } from '../errors.ts';
import { checkScenes, type SceneCheck } from '../training/check-scenes.ts';
import type { LabelledScene } from '../training/labels.ts';
import { listMistakes } from '../training/list-mistakes.ts';
import type { CommandContext } from './context.ts';
import { progress } from './progress.ts';

/**
 * Looks at all scenes that a command is going to work with, each file once, before it begins.
 * @throws {UsageError} when some are of no use to the model: a line for each
 */
export async function expectSoundScenes(
  scenes: readonly LabelledScene[],
  model: SceneCheck['model'],
  { stderr, signal }: CommandContext,
): Promise<void> {
  const files = [...new Map(scenes.map((scene) => [scene.path, scene])).values()];
  const bar = progress(stderr, 'check', files.length);
  const onScene = (done: number) => bar.update(done);
  const mistakes = await checkScenes(files, { model, signal, onScene }).finally(() => bar.end());
  if (mistakes.length > 0) throw new UsageError(listMistakes(mistakes));
}
