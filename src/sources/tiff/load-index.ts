import type { Window } from '../../scene.ts';
import type { ByteSource } from '../bytes/byte-source.ts';
import { inLanes } from '../bytes/in-lanes.ts';
import { type JoinLimits, joinRanges } from '../bytes/join-ranges.ts';
import type { Layout } from './layout.ts';
import { tilesUnder } from './tile-grid.ts';

/** Pages are small, so most of what a request for one costs is its wait. */
const pageLimits: JoinLimits = { gapBytes: 32 * 1024, waste: Number.POSITIVE_INFINITY, spanBytes: 1024 * 1024 };

const LANES = 16;

/**
 * Read what a level's index lacks of the tiles under some windows: no trip where the header brought it, else one for
 * the pages of all of them, and another for lengths that the places do not tell.
 * @throws {SceneError} `source.*`, `cog.invalid`
 */
export async function loadIndex(
  { grid, index }: Pick<Layout, 'grid' | 'index'>,
  windows: readonly Window[],
  source: ByteSource,
  signal: AbortSignal,
): Promise<void> {
  if (index === undefined) return;
  const tiles = [...new Set(windows.flatMap((window) => tilesUnder(grid, window)))];
  for (;;) {
    const spans = joinRanges(index.missing(tiles), pageLimits);
    if (spans.length === 0) return;
    await inLanes(spans, LANES, signal, async (span, signal) => {
      index.add(span.offset, await source.read(span, signal));
    });
  }
}
