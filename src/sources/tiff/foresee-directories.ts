import { type ByteRange, endOf } from '../bytes/byte-source.ts';
import { type Directory, indexBytes } from './tiff-header.ts';

/**
 * Where the directories after the last known one probably lie, so that a chain of them takes one trip and not one for
 * each, and the tables between them need not be read. Writers put each directory's tables behind it; those of the next
 * level of a pyramid have a quarter of the entries. What is really there is walked all the same: a wrong guess costs
 * bytes and a trip, nothing else.
 */
export type Foreseen = {
  /** The place of the next directory, which is known. */
  readonly next: ByteRange;
  readonly last: Directory;
  /** Shorter tables are read whole, so everything behind them is one piece. */
  readonly pagedBytes: number;
  /** Of the whole file. */
  readonly size: number;
};

const MAX_DIRECTORY_BYTES = 16 * 1024;
const SLACK_BYTES = 2048;

export function foreseeDirectories({ next, last, pagedBytes, size }: Foreseen): ByteRange[] {
  const tables = indexBytes(last);
  // Without its tables, a directory is seldom longer than the first one, which has the georeference.
  const own = Math.min(MAX_DIRECTORY_BYTES, Math.max(0, next.offset - last.offset - tables)) + SLACK_BYTES;
  const ranges: ByteRange[] = [];
  let from = next.offset;
  let to = Math.max(endOf(next), next.offset + own);
  let coming = tables / 4;
  for (; coming >= pagedBytes && from < size; coming /= 4) {
    ranges.push(inFile(from, to, size));
    from += coming;
    to += coming + own + borderBytes(coming);
  }
  // All levels that are left have together a third more tables than the first of them.
  ranges.push(inFile(from, to + Math.ceil((coming * 4) / 3) + own, size));
  return ranges.filter((range) => range.length > 0);
}

/** Sides are rounded up at each level: that may be a row and a column of tiles more than a quarter of them. */
function borderBytes(tables: number): number {
  return 16 * Math.sqrt(tables / 8);
}

function inFile(from: number, to: number, size: number): ByteRange {
  const offset = Math.floor(from);
  return { offset, length: Math.max(0, Math.min(size, Math.ceil(to)) - offset) };
}
