import { stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Makes the scenes of a data set that are not there yet. A scene's file is whole or absent and depends on its index
 * alone, so that an interrupted or a smaller data set is completed by asking again.
 */
export type ScenesToMake = {
  readonly directory: string;
  readonly scenes: number;
  readonly signal?: AbortSignal | undefined;
  /** Called with the number of scenes there are: at the start, and after each scene. */
  readonly onScene?: ((done: number) => void) | undefined;
  readonly writer: SceneFileWriter;
};

export type SceneFileWriter = {
  /** How many scenes may be written at a time. */
  readonly lanes: number;
  /** Rejects when the signal stops it. */
  write(index: number, path: string): Promise<unknown>;
  close(): Promise<void>;
};

export type ScenesMade = {
  /** False when the signal stopped it: what was made until then is kept. */
  readonly complete: boolean;
  readonly scenes: number;
  /** Of them, made now. */
  readonly made: number;
  /** Of all scenes' files. */
  readonly bytes: number;
};

/** Of a data set that is made. All its scenes are listed at once, and of a mistyped number memory may not hold the list. */
export const MOST_SCENES = 1_000_000;

/** The file of a scene in its data set's folder. */
export function sceneFile(index: number): string {
  return `scene-${String(index).padStart(5, '0')}.tif`;
}

export async function makeScenes({ directory, scenes, signal, onScene, writer }: ScenesToMake): Promise<ScenesMade> {
  const path = (index: number) => join(directory, sceneFile(index));
  const look = () => Promise.all(Array.from({ length: scenes }, (_, index) => bytesOf(path(index))));
  const bytes = await look();
  const missing = [...bytes.keys()].filter((index) => bytes[index] === undefined);
  const kept = scenes - missing.length;
  let done = kept;
  onScene?.(done);
  const lane = async () => {
    for (let next = missing.shift(); next !== undefined && !signal?.aborted; next = missing.shift()) {
      await writer.write(next, path(next));
      done += 1;
      onScene?.(done);
    }
  };
  // All lanes come to their end before anything else happens: a scene that fails removes what it began.
  const ended = await Promise.allSettled(Array.from({ length: missing.length === 0 ? 0 : writer.lanes }, lane));
  await writer.close();
  const failed = ended.find((one) => one.status === 'rejected');
  if (failed && signal?.aborted !== true) throw failed.reason;
  // One that was stopped may have been whole already: what is there counts.
  const there = (await look()).filter((size) => size !== undefined);
  const total = there.reduce((sum, size) => sum + size, 0);
  return { complete: there.length === scenes, scenes: there.length, made: there.length - kept, bytes: total };
}

async function bytesOf(path: string): Promise<number | undefined> {
  const facts = await stat(path).catch(() => undefined);
  return facts?.size;
}
