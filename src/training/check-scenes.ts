import { SceneError } from '../errors.ts';
import { inLanes } from '../sources/bytes/in-lanes.ts';
import type { Level } from '../sources/cog.ts';
import { openImage } from '../sources/open-image.ts';
import { viewScene } from '../sources/scene-view.ts';
import type { LabelledScene } from './labels.ts';
import { isMade, makeScene } from './made-scenes.ts';
import { MOST_OVERVIEW_BYTES, type StoreSettings } from './scene-store.ts';

export type SceneCheck = Pick<StoreSettings, 'model' | 'signal'> & {
  /** Told how many scenes were looked at so far. */
  readonly onScene?: (done: number) => void;
};

const LANES = 4;

/**
 * Looks at every scene before anything is made of them: its header, its bands and its size, its overview and its last
 * patch, which in most files lies at their end. Images without overviews are decoded as a whole by that.
 * @returns a mistake a scene that is of no use to the model, in the scenes' order
 */
export async function checkScenes(
  scenes: readonly LabelledScene[],
  { model, signal, onScene }: SceneCheck,
): Promise<string[]> {
  const mistakes = new Map<number, string>();
  let done = 0;
  await inLanes([...scenes.entries()], LANES, signal, async ([index, { path }], signal) => {
    try {
      await look(path, model, signal);
    } catch (error) {
      if (!(error instanceof SceneError)) throw error;
      mistakes.set(index, `${path}: ${error.message}`);
    }
    done += 1;
    onScene?.(done);
  });
  return [...mistakes.keys()].sort((a, b) => a - b).map((index) => mistakes.get(index) as string);
}

async function look(path: string, model: SceneCheck['model'], signal: AbortSignal): Promise<unknown> {
  if (isMade(path)) return makeScene(path, model, signal);
  const settings = { ...model, anyResolution: false, maxOverviewBytes: MOST_OVERVIEW_BYTES };
  const { cog, levels, overview, read } = await viewScene(await openImage(path, signal), settings, signal);
  if (overview.valid?.includes(1) === false) throw new SceneError('scene.unsuitable', 'the scene has no data anywhere');
  const { width, height } = cog.levels[levels.patches] as Level; // an index into levels
  const { size } = model.patch;
  return read([{ x: width - size, y: height - size, width: size, height: size }], signal);
}
