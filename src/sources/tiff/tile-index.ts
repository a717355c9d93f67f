import { type ByteRange, endOf } from '../bytes/byte-source.ts';
import type { HeldBytes } from '../bytes/held-bytes.ts';
import type { Field } from './tiff-header.ts';
import { type NumberField, numberField } from './tiff-values.ts';

/**
 * Where the tiles of an image lie. The tables of a large file are not read whole: only the pages with the entries that
 * are wanted, and none of the lengths where the file promises that its tiles lie one behind the other.
 */
export type TileIndex = {
  /** Of each tile whose entry is known, else 0. */
  readonly offsets: Float64Array;
  readonly byteCounts: Float64Array;
  /** What must be read before all is known of these tiles; nothing where it is. */
  missing(tiles: readonly number[]): ByteRange[];
  /** Takes from these bytes of the file what it lacks, and has them held. */
  add(offset: number, bytes: Uint8Array): void;
};

export type TileIndexFacts = {
  readonly offsets: Field;
  readonly byteCounts: Field;
  readonly littleEndian: boolean;
  /**
   * Bytes between a tile and the next one that is stored, where the file promises that they lie in the order of the
   * index (GDAL's ghost area: BLOCK_ORDER, BLOCK_LEADER, BLOCK_TRAILER); undefined without that promise.
   */
  readonly spacing: number | undefined;
};

const PAGE_BYTES = 4096;

/** @throws {SceneError} `cog.invalid` for a table that is not of numbers */
export function tileIndex({ littleEndian, spacing, ...fields }: TileIndexFacts, held: HeldBytes): TileIndex {
  const offsets = pagedTable(numberField(fields.offsets, 'TileOffsets', littleEndian));
  const byteCounts = pagedTable(numberField(fields.byteCounts, 'TileByteCounts', littleEndian));
  const take = (offset: number, bytes: Uint8Array) => {
    offsets.add(offset, bytes);
    byteCounts.add(offset, bytes);
  };
  for (const field of [fields.offsets, fields.byteCounts])
    for (const part of held.parts(field)) take(part.offset, part.bytes);

  /** The length of a tile by the place of the next one, which may be known without the table of lengths. */
  const derive = (tile: number): boolean => {
    const start = offsets.values[tile] ?? 0;
    if (start === 0) return true;
    if (spacing === undefined) return false;
    for (let next = tile + 1; next < offsets.values.length && offsets.has(next); next += 1) {
      const end = offsets.values[next] ?? 0;
      if (end === 0) continue;
      if (end - spacing <= start) return false;
      byteCounts.values[tile] = end - spacing - start;
      return true;
    }
    return false;
  };
  return {
    offsets: offsets.values,
    byteCounts: byteCounts.values,
    add(offset, bytes) {
      held.add(offset, bytes);
      take(offset, bytes);
    },
    missing(tiles) {
      const places = tiles.flatMap((tile) => offsets.missing(tile));
      // With the promise, what lengths are still to be read is known only once the places are.
      const unsure = tiles.filter((tile) => !byteCounts.has(tile) && (offsets.has(tile) ? !derive(tile) : !spacing));
      return [...places, ...unsure.flatMap((tile) => byteCounts.missing(tile))];
    },
  };
}

type PagedTable = {
  readonly values: Float64Array;
  has(entry: number): boolean;
  /** The page of an entry, unless it is there. */
  missing(entry: number): ByteRange[];
  add(offset: number, bytes: Uint8Array): void;
};

function pagedTable(field: NumberField): PagedTable {
  const values = new Float64Array(field.count);
  const perPage = PAGE_BYTES / field.width;
  const there = new Uint8Array(Math.ceil(field.count / perPage));
  const pageRange = (page: number): ByteRange => {
    const offset = field.offset + page * PAGE_BYTES;
    return { offset, length: Math.min(PAGE_BYTES, endOf(field) - offset) };
  };
  const pageOf = (entry: number) => Math.floor(entry / perPage);
  return {
    values,
    has: (entry) => there[pageOf(entry)] === 1,
    missing: (entry) => (there[pageOf(entry)] === 1 ? [] : [pageRange(pageOf(entry))]),
    add(offset, bytes) {
      const first = Math.max(0, Math.ceil((offset - field.offset) / PAGE_BYTES));
      for (let page = first; page < there.length; page += 1) {
        const range = pageRange(page);
        if (endOf(range) > offset + bytes.length) return;
        const part = bytes.subarray(range.offset - offset, endOf(range) - offset);
        if (there[page] === 0) values.set(field.read(part), page * perPage);
        there[page] = 1;
      }
    },
  };
}
