import { type ByteRange, endOf } from './byte-source.ts';
import type { Pace } from './host-paces.ts';

/**
 * Which byte ranges to fetch in one request: neighbours are joined where the bytes between them cost less than another
 * request would. The smallest gaps are closed first, since each closed gap saves one request whatever its size.
 */
export type JoinLimits = {
  /** A wider gap is never closed. */
  readonly gapBytes: number;
  /** Bytes fetched in vain, as a share of those needed. */
  readonly waste: number;
  /** No join makes a span longer than this; a single range may be. */
  readonly spanBytes: number;
};

export const joinLimits: JoinLimits = { gapBytes: 64 * 1024, waste: 0.05, spanBytes: 8 * 1024 * 1024 };

const LEAST_GAP_BYTES = 4 * 1024;
const MOST_GAP_BYTES = 1024 * 1024;

/** A gap is worth closing while its bytes take no longer than another request's wait does. */
export function limitsAt(pace: Pace | undefined): JoinLimits {
  if (pace === undefined) return joinLimits;
  const bytes = Math.floor(pace.waitSeconds * pace.bytesPerSecond);
  return { ...joinLimits, gapBytes: Math.min(MOST_GAP_BYTES, Math.max(LEAST_GAP_BYTES, bytes)) };
}

/** Ranges that are fetched as one: `offset` and `length` cover them all. */
export type Span<R extends ByteRange> = ByteRange & { readonly ranges: readonly R[] };

/** Spans in the order of the file. Every range is in exactly one of them. */
export function joinRanges<R extends ByteRange>(ranges: readonly R[], limits: JoinLimits = joinLimits): Span<R>[] {
  const sorted = ranges.toSorted((a, b) => a.offset - b.offset || a.length - b.length);
  const needed = sorted.reduce((sum, range) => sum + range.length, 0);
  const open = openGaps(sorted, limits.gapBytes, needed * limits.waste);
  const spans: R[][] = [];
  let start = 0;
  let end = 0;
  let farthest = 0;
  for (const [i, range] of sorted.entries()) {
    const fits = Math.max(end, endOf(range)) - start <= limits.spanBytes;
    // A gap was measured from the farthest range before, which, where ranges overlap, may be in an earlier span.
    const measured = range.offset <= end || end === farthest;
    farthest = Math.max(farthest, endOf(range));
    if (i > 0 && !open.has(i) && fits && measured) {
      spans.at(-1)?.push(range);
      end = Math.max(end, endOf(range));
      continue;
    }
    spans.push([range]);
    start = range.offset;
    end = endOf(range);
  }
  return spans.map(toSpan);
}

/** Indexes of the ranges that are not joined to the one before, for the gap between them is too dear. */
function openGaps(sorted: readonly ByteRange[], gapBytes: number, wasteBytes: number): ReadonlySet<number> {
  const gaps: { index: number; gap: number }[] = [];
  let end = sorted[0]?.offset ?? 0;
  for (const [index, range] of sorted.entries()) {
    gaps.push({ index, gap: Math.max(0, range.offset - end) });
    end = Math.max(end, endOf(range));
  }
  let left = wasteBytes;
  const open = new Set<number>();
  for (const { index, gap } of gaps.toSorted((a, b) => a.gap - b.gap)) {
    if (gap > gapBytes || gap > left) open.add(index);
    else left -= gap;
  }
  return open;
}

/** Of ranges in the order of the file, which may be more than a call takes arguments. */
function toSpan<R extends ByteRange>(ranges: readonly R[]): Span<R> {
  const offset = ranges[0]?.offset ?? 0;
  const end = ranges.reduce((farthest, range) => Math.max(farthest, endOf(range)), offset);
  return { offset, length: end - offset, ranges };
}
