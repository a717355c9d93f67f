import { type DataType, dataTypeOf } from '../data-type.ts';
import { SceneError } from '../errors.ts';
import type { WindowStack } from '../model/geometry.ts';
import { inLanes } from '../sources/bytes/in-lanes.ts';
import type { Level } from '../sources/cog.ts';
import { openImage } from '../sources/open-image.ts';
import { viewScene } from '../sources/scene-view.ts';
import { hasData } from './has-data.ts';
import type { LabelledScene } from './labels.ts';
import { isMade, makeScene } from './made-scenes.ts';
import { MOST_OVERVIEW_BYTES, type StoreSettings } from './scene-store.ts';

export type SceneCheck = Pick<StoreSettings, 'signal'> & {
  readonly model: StoreSettings['model'] & {
    /** Of its attention network, where that is known: a scene must have data in one of its cells. */
    readonly stack?: WindowStack;
  };
  /** Told how many scenes were looked at so far. */
  readonly onScene?: (done: number) => void;
};

/** What was found of scenes. */
export type CheckedScenes = {
  /** One a scene that is of no use to the model, in the scenes' order. */
  readonly mistakes: readonly string[];
  /** Of the samples of all others. */
  readonly dataTypes: ReadonlySet<DataType>;
};

const LANES = 4;

/**
 * Looks at every scene before anything is made of them: its header, its bands and its size, its overview and its last
 * patch, which in most files lies at their end. Images without overviews are decoded as a whole by that.
 */
export async function checkScenes(
  scenes: readonly LabelledScene[],
  { model, signal, onScene }: SceneCheck,
): Promise<CheckedScenes> {
  const mistakes = new Map<number, string>();
  const dataTypes = new Set<DataType>();
  let done = 0;
  await inLanes([...scenes.entries()], LANES, signal, async ([index, { path }], signal) => {
    try {
      dataTypes.add(await look(path, model, signal));
    } catch (error) {
      if (!(error instanceof SceneError)) throw error;
      mistakes.set(index, `${path}: ${error.message}`);
    }
    done += 1;
    onScene?.(done);
  });
  const inOrder = [...mistakes.keys()].sort((a, b) => a - b).map((index) => mistakes.get(index) as string);
  return { mistakes: inOrder, dataTypes };
}

async function look(path: string, model: SceneCheck['model'], signal: AbortSignal): Promise<DataType> {
  if (isMade(path)) return dataTypeOf((await makeScene(path, model, signal)).overview.data);
  const settings = { ...model, anyResolution: false, maxOverviewBytes: MOST_OVERVIEW_BYTES };
  const { cog, levels, overview, read } = await viewScene(await openImage(path, signal), settings, signal);
  if (!hasData(overview, undefined)) throw new SceneError('scene.unsuitable', 'the scene has no data anywhere');
  if (!hasData(overview, model.stack))
    throw new SceneError('scene.unsuitable', 'no place in the scene has data: what there is lies at its border');
  const { width, height } = cog.levels[levels.patches] as Level; // an index into levels
  const { size } = model.patch;
  await read([{ x: width - size, y: height - size, width: size, height: size }], signal);
  return dataTypeOf(overview.data);
}
