import type { DataType } from '../data-type.ts';
import { UsageError } from '../errors.ts';
import { checkScenes, type SceneCheck } from '../training/check-scenes.ts';
import type { LabelledScene, Labels } from '../training/labels.ts';
import { listMistakes } from '../training/list-mistakes.ts';
import { isMade } from '../training/made-scenes.ts';
import { parseReference } from '../training/select-scenes.ts';
import type { CommandContext } from './context.ts';
import { progress } from './progress.ts';

/**
 * Looks at all scenes that a command is going to work with, each file once, before it begins.
 * @returns of which types their samples are
 * @throws {UsageError} when some are of no use to the model or their labels had mistakes: a line for each
 */
export async function expectSoundScenes(
  { scenes, mistakes: wrongLabels }: Labels,
  model: SceneCheck['model'],
  { stderr, signal }: CommandContext,
): Promise<ReadonlySet<DataType>> {
  // Of scenes that are made, one stands for its whole data set.
  const nameOf = ({ path }: LabelledScene) => (isMade(path) ? parseReference(path).directory : path);
  const files = [...new Map(scenes.map((scene) => [nameOf(scene), scene])).values()];
  const bar = progress(stderr, 'check', files.length);
  const onScene = (done: number) => bar.update(done);
  const { mistakes: wrongFiles, dataTypes } = await checkScenes(files, { model, signal, onScene }).finally(() =>
    bar.end(),
  );
  const mistakes = [...wrongLabels, ...wrongFiles];
  if (mistakes.length > 0) throw new UsageError(listMistakes(mistakes));
  return dataTypes;
}
