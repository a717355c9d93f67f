import { SceneError } from '../../errors.ts';
import type { Window } from '../../scene.ts';
import { type ByteRange, endOf } from '../bytes/byte-source.ts';
import { type JoinLimits, joinLimits, joinRanges, type Span } from '../bytes/join-ranges.ts';
import { type Layout, tileBytes } from './layout.ts';
import { storedRows, tilesUnder } from './tile-grid.ts';

/** What is to be read of one tile: all of it but the bytes that came with the header. */
export type TileRange = ByteRange & { readonly tile: number; readonly heldBytes: number };

/** What reading some windows of a level takes, as plain data: every tile under them once, however many share it. */
export type ReadPlan = {
  /** Tiles that were left out of the file. */
  readonly sparse: readonly number[];
  /** Tiles whose bytes came with the header. */
  readonly held: readonly TileRange[];
  /** The others, one request each. */
  readonly spans: readonly Span<TileRange>[];
};

export type PlanFacts = {
  /** Of the whole file. */
  readonly size: number;
  /** The first so many bytes of the file are in memory. */
  readonly heldBytes: number;
  readonly limits?: JoinLimits;
};

/** Compressed data are seldom longer than the pixels; far longer ones are an attack or a mistake. */
const MAX_EXPANSION = 2;
const MAX_OVERHEAD = 64 * 1024;

/** @throws {SceneError} `cog.invalid` for a tile beyond the end of the file, or of absurd length */
export function planReads(layout: Layout, windows: readonly Window[], facts: PlanFacts): ReadPlan {
  const tiles = [...new Set(windows.flatMap((window) => tilesUnder(layout.grid, window)))];
  const ranges = tiles.map((tile) => tileRange(layout, tile, facts.size));
  const stored = ranges.filter((range) => range.length > 0);
  const lacking = stored
    .filter((range) => endOf(range) > facts.heldBytes)
    .map((range) => withoutHeld(range, facts.heldBytes));
  return {
    sparse: ranges.filter((range) => range.length === 0).map((range) => range.tile),
    held: stored.filter((range) => endOf(range) <= facts.heldBytes),
    spans: joinRanges(lacking, facts.limits ?? joinLimits),
  };
}

function withoutHeld(range: TileRange, held: number): TileRange {
  const heldBytes = Math.max(0, held - range.offset);
  return { tile: range.tile, offset: range.offset + heldBytes, length: range.length - heldBytes, heldBytes };
}

/** Of length 0 where the tile was left out. Of an only strip whose length is not told, libtiff guesses it. */
function tileRange(layout: Layout, tile: number, size: number): TileRange {
  const offset = layout.offsets[tile] ?? 0;
  const length = layout.byteCounts[tile] ?? 0;
  const { striped, across, down, planes } = layout.grid;
  const isOnlyStrip = striped && across * down * planes === 1;
  if (length === 0 && !(isOnlyStrip && offset > 0)) return { tile, offset: 0, length: 0, heldBytes: 0 };
  const range = { tile, offset, length, heldBytes: 0 };
  if (!(offset > 0 && length > 0 && endOf(range) <= size)) {
    throw new SceneError('cog.invalid', `tile ${tile}: ${length} bytes at ${offset}, but the file ends at ${size}`);
  }
  const decoded = tileBytes(layout, storedRows(layout.grid, tile));
  if (length > MAX_EXPANSION * decoded + MAX_OVERHEAD) {
    throw new SceneError('cog.invalid', `tile ${tile}: ${length} bytes are stored for ${decoded} bytes of pixels`);
  }
  return range;
}
