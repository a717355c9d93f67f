import type { Window } from '../src/scene.ts';
import { openFile } from '../src/sources/open-file.ts';

/** What reading places of a file's finest level costs, in bytes: headers and overviews apart. */
export async function patchBytes(file: string, places: readonly Window[]): Promise<number> {
  const { signal } = new AbortController();
  const cog = await openFile(file, signal);
  const before = cog.cost.bytes;
  await cog.read(0, places, signal);
  return cog.cost.bytes - before;
}
