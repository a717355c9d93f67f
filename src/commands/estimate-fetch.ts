import type { Level } from '../sources/cog.ts';
import { joinLimits } from '../sources/join-ranges.ts';

/** What reading the patches of a scene will cost, told before it is known where they lie. */
export type FetchEstimate = {
  readonly patches: number;
  /** `expected` for patches that lie anywhere and share no tile; `most` where each lies across as many as it can. */
  readonly tiles: { readonly expected: number; readonly most: number };
  /** `expected` by the median tile; `most` by the largest ones, with all that joining neighbours may fetch in vain. */
  readonly bytes: { readonly expected: number; readonly most: number };
  /** Of the level's stored tiles. */
  readonly medianTileBytes: number;
  /** One a tile, less where tiles lie together in the file. */
  readonly requests: { readonly most: number };
  readonly trips: 1;
};

/**
 * @param level that the patches are cut from
 * @param tileBytes of that level's tiles, of all planes
 */
export function estimateFetch(
  level: Level,
  tileBytes: Float64Array,
  { patches, size }: { readonly patches: number; readonly size: number },
): FetchEstimate {
  const x = tilesUnder(size, level.tileWidth, level.width);
  const y = tilesUnder(size, level.tileHeight, level.height);
  const planes = tileBytes.length / (x.all * y.all);
  const expected = Math.min(Math.round(patches * x.expected * y.expected * planes), tileBytes.length);
  const most = Math.min(patches * x.most * y.most * planes, tileBytes.length);
  const stored = tileBytes.filter((bytes) => bytes > 0).sort();
  const median = stored[Math.floor(stored.length / 2)] ?? 0;
  const largest = stored.slice(-most).reduce((sum, bytes) => sum + bytes, 0);
  return {
    patches,
    tiles: { expected, most },
    bytes: { expected: expected * median, most: Math.ceil(largest * (1 + joinLimits.waste)) },
    medianTileBytes: median,
    requests: { most },
    trips: 1,
  };
}

/** Along one axis: a window of `size` pixels crosses (size − 1) / tile borders on average, one more at the worst. */
function tilesUnder(size: number, tile: number, pixels: number) {
  const all = Math.ceil(pixels / tile);
  const crossed = (size - 1) / tile;
  return { all, expected: Math.min(1 + crossed, all), most: Math.min(1 + Math.ceil(crossed), all) };
}
