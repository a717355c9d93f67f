import { inLanes } from './bytes/in-lanes.ts';
import type { ReadBudget } from './bytes/metered-source.ts';
import type { Cog } from './cog.ts';
import { combineCogs } from './combine-cogs.ts';

/** @param index of the file among those of its scene */
export type OpenPart = (
  href: string,
  index: number,
  signal: AbortSignal,
  budget: ReadBudget | undefined,
) => Promise<Cog>;

/**
 * Opens the files of a scene side by side, as one. They share its budget: each may read what the others have left.
 * @throws {SceneError} what opening one of them throws; `scene.unsuitable` where they do not fit together
 */
export async function openTogether(
  hrefs: readonly [string, ...string[]],
  open: OpenPart,
  signal: AbortSignal,
  budget?: ReadBudget,
): Promise<Cog> {
  const cogs: Cog[] = [];
  await inLanes([...hrefs.entries()], hrefs.length, signal, async ([index, href], signal) => {
    const others = () => cogs.filter((_, other) => other !== index);
    cogs[index] = await open(href, index, signal, budget && leftOver(budget, others));
  });
  return combineCogs(cogs as [Cog, ...Cog[]]); // one for each
}

/** Looked at again with each read. */
function leftOver({ megabytes, requests }: ReadBudget, others: () => readonly Cog[]): ReadBudget {
  const spent = (key: 'bytes' | 'requests') => others().reduce((sum, { cost }) => sum + cost[key], 0);
  return {
    get megabytes() {
      return megabytes - spent('bytes') / 1e6;
    },
    get requests() {
      return requests - spent('requests');
    },
  };
}
