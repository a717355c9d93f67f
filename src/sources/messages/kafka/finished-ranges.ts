/**
 * Writes what is finished above a watermark as text for the metadata of a commit, and reads it back. The text is
 * `saccade1 ` and then, for each range, how many offsets are skipped since the end of the one before (the first: since
 * the watermark) and how many are finished, in base 36: `saccade1 2.5,1.1` at watermark 100 says 102–106 and 108.
 */

/** Offsets from `start` to before `end`. */
export type Range = { readonly start: number; readonly end: number };

/** The brokers' limit, `offset.metadata.max.bytes`, by default. */
export const MAX_METADATA_BYTES = 4096;

const PREFIX = 'saccade1 ';
const SHAPE = /^[0-9a-z]+\.[0-9a-z]+(,[0-9a-z]+\.[0-9a-z]+)*$/;

/** What does not fit is left out from the end: it would be repeated, not lost. */
export function encodeRanges(watermark: number, ranges: readonly Range[]): string {
  let text = '';
  let at = watermark;
  for (const { start, end } of ranges) {
    const pair = `${(start - at).toString(36)}.${(end - start).toString(36)}`;
    const longer = text === '' ? PREFIX + pair : `${text},${pair}`;
    if (longer.length > MAX_METADATA_BYTES) break;
    text = longer;
    at = end;
  }
  return text;
}

/** Total: what somebody else wrote, or nobody, says that nothing is finished; a message too many is better than one too few. */
export function decodeRanges(watermark: number, metadata: string | null): Range[] {
  const text = metadata?.startsWith(PREFIX) ? metadata.slice(PREFIX.length) : '';
  if (!SHAPE.test(text)) return [];
  let at = watermark;
  return text.split(',').map((pair) => {
    const [skipped = 0, finished = 0] = pair.split('.').map((digits) => Number.parseInt(digits, 36));
    const start = at + skipped;
    at = start + finished;
    return { start, end: at };
  });
}

/** Bytes that so many ranges within so many offsets take at most. */
export function worstBytes(ranges: number, span: number): number {
  const digits = Math.max(1, span).toString(36).length;
  return PREFIX.length + ranges * 2 * (digits + 1);
}
