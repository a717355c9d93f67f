import { encodeRanges, MAX_METADATA_BYTES, type Range, worstBytes } from './finished-ranges.ts';

/** How far a partition has come: all below `offset` is finished, and so are the ranges above it. */
export type Progress = { readonly offset: number; readonly finished: readonly Range[] };

/**
 * Knows how far one partition may be committed while its messages are worked on out of order. The watermark is the
 * lowest offset that is not finished, never a count: compaction and transaction markers leave gaps between offsets. What
 * is finished above it is told as ranges, so that whoever goes on from a commit repeats only what was not finished.
 * Offsets are numbers: a partition reaches 2^53 after 285 years of a million messages a second.
 */
export class OffsetTracker {
  /** Ascending, because offsets are accepted in ascending order and a Set keeps the order of insertion. */
  readonly #inFlight = new Set<number>();
  /** Finished by whoever was here before us, ascending, all above `#next`. */
  readonly #before: Range[];
  #next: number | undefined;

  /** @param from what was committed last; none: whatever comes first is the beginning */
  constructor(from?: Progress) {
    this.#before = [...(from?.finished ?? [])];
    if (from !== undefined) this.#goTo(from.offset);
  }

  /** Everything below was accepted or skipped; undefined before the first message. */
  get next(): number | undefined {
    return this.#next;
  }

  /** Where the first fetch began, if nothing was known until then. */
  startAt(offset: number): void {
    this.#next ??= offset;
  }

  /**
   * @returns whether the message is new; kafkajs goes back to the committed offset at every rebalance and then hands
   * out again what is still being worked on
   */
  accept(offset: number): boolean {
    if (offset < (this.#next ?? offset)) return false;
    if (this.#goTo(offset) > offset) return false;
    this.#inFlight.add(offset);
    this.#goTo(offset + 1);
    return true;
  }

  /** Everything below is known to hold no further messages, such as a transaction's marker at the end of a batch. */
  skipTo(offset: number): void {
    if (offset > (this.#next ?? -1)) this.#goTo(offset);
  }

  /** @returns whether it was unfinished until now */
  finish(offset: number): boolean {
    return this.#inFlight.delete(offset);
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Whether a commit can still tell everything after one more message, in whatever order they finish. */
  get hasRoom(): boolean {
    const unfinished = this.#inFlight.size;
    const ranges = unfinished + this.#before.length + 1;
    // Nothing in work: or nothing would ever move. So few: asked for each message, and told at once.
    if (unfinished === 0 || worstBytes(ranges, Number.MAX_SAFE_INTEGER) <= MAX_METADATA_BYTES) return true;
    const end = this.#before.at(-1)?.end ?? (this.#next ?? 0) + 1;
    return worstBytes(ranges, end - (this.watermark ?? 0)) <= MAX_METADATA_BYTES;
  }

  /** Everything below this offset is finished; undefined before the first message. */
  get watermark(): number | undefined {
    const [lowest] = this.#inFlight;
    return lowest ?? this.#next;
  }

  get progress(): Progress | undefined {
    const offset = this.watermark;
    return offset === undefined ? undefined : { offset, finished: [...this.#finished(offset, this.#inFlight)] };
  }

  /** The progress once these are finished as well. */
  progressAfter(offsets: ReadonlySet<number>): Progress {
    const unfinished = [...this.#inFlight].filter((offset) => !offsets.has(offset));
    const offset = unfinished[0] ?? this.#next ?? 0;
    return { offset, finished: [...this.#finished(offset, unfinished)] };
  }

  /** The finished ranges of `progress`, as text for the metadata of a commit. */
  get metadata(): string {
    const { offset, finished } = this.progress ?? { offset: 0, finished: [] };
    return encodeRanges(offset, finished);
  }

  /** What is next, past what was finished before. */
  #goTo(offset: number): number {
    let next = offset;
    for (let range = this.#before[0]; range !== undefined && range.start <= next; range = this.#before[0]) {
      next = Math.max(next, range.end);
      this.#before.shift();
    }
    this.#next = next;
    return next;
  }

  /** What lies between two unfinished offsets: holes hold no messages, and count as finished. */
  *#finished(watermark: number, unfinished: Iterable<number>): Generator<Range> {
    let start = watermark;
    for (const offset of unfinished) {
      if (offset > start) yield { start, end: offset };
      start = offset + 1;
    }
    const end = this.#next ?? start;
    if (end > start) yield { start, end };
    yield* this.#before;
  }
}
