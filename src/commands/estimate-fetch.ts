import { joinLimits } from '../sources/bytes/join-ranges.ts';
import type { SceneLevels } from '../sources/choose-levels.ts';
import type { Cog, Level, StoredTiles } from '../sources/cog.ts';

/** What reading the patches of a scene will cost, told before it is known where they lie. */
export type FetchEstimate = {
  readonly patches: number;
  /** `expected` for patches that lie anywhere and share no tile; `most` where each lies across as many as it can. */
  readonly tiles: Estimate;
  /** `expected` by the mean tile; `most` by the largest ones, with all that joining neighbours may fetch in vain. */
  readonly bytes: Estimate;
  /** Of all the level's tiles, those that were left out of the file among them. */
  readonly meanTileBytes: number;
  /** One a tile, less where tiles lie together in the file. */
  readonly requests: Pick<Estimate, 'most'>;
  /** 0 where the overview was made from the level of the patches, which is in memory then. */
  readonly trips: 0 | 1;
};

type Estimate = { readonly expected: number; readonly most: number };
type Patches = { readonly patches: number; readonly size: number };

/** @param levels as they were chosen for the model */
export function estimateFetch(
  cog: Pick<Cog, 'levels' | 'tileBytes' | 'maskTiles'>,
  levels: SceneLevels,
  patches: Patches,
): FetchEstimate {
  const level = cog.levels[levels.patches] as Level; // an index into levels
  const held = levels.overview === levels.patches;
  const mask = cog.maskTiles(levels.patches);
  const image = estimateTiles(level, { ...level, bytes: cog.tileBytes(levels.patches) }, patches);
  // A mask's tiles cost bytes and requests, but are no tiles of the scene.
  const read = held ? [] : [image, ...(mask ? [estimateTiles(level, mask, patches)] : [])];
  const sum = (value: (one: typeof image) => number) => read.reduce((total, one) => total + value(one), 0);
  return {
    patches: patches.patches,
    tiles: held ? { expected: 0, most: 0 } : image.tiles,
    bytes: { expected: sum((one) => one.bytes.expected), most: sum((one) => one.bytes.most) },
    meanTileBytes: image.meanTileBytes,
    requests: { most: sum((one) => one.tiles.most) },
    trips: held ? 0 : 1,
  };
}

function estimateTiles(level: Level, { tileWidth, tileHeight, bytes }: StoredTiles, { patches, size }: Patches) {
  const x = tilesUnder(size, tileWidth, level.width);
  const y = tilesUnder(size, tileHeight, level.height);
  const planes = bytes.length / (x.all * y.all);
  const expected = Math.min(Math.round(patches * x.expected * y.expected * planes), bytes.length);
  const most = Math.min(patches * x.most * y.most * planes, bytes.length);
  const total = (sizes: Float64Array) => sizes.reduce((sum, one) => sum + one, 0);
  const meanTileBytes = Math.round(total(bytes) / bytes.length);
  const largest = total(bytes.toSorted().slice(-most));
  return {
    tiles: { expected, most },
    bytes: { expected: expected * meanTileBytes, most: Math.ceil(largest * (1 + joinLimits.waste)) },
    meanTileBytes,
  };
}

/** Along one axis: a window of `size` pixels crosses (size − 1) / tile borders on average, one more at the worst. */
function tilesUnder(size: number, tile: number, pixels: number) {
  const all = Math.ceil(pixels / tile);
  const crossed = (size - 1) / tile;
  return { all, expected: Math.min(1 + crossed, all), most: Math.min(1 + Math.ceil(crossed), all) };
}
