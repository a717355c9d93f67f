/**
 * Knows how far one partition may be committed while its messages are worked on out of order. The watermark is the
 * lowest offset that is not finished, never a count: compaction and transaction markers leave gaps between offsets.
 */
export class OffsetTracker {
  /** Ascending, because offsets are accepted in ascending order and a Set keeps the order of insertion. */
  readonly #inFlight = new Set<bigint>();
  #next: bigint | undefined;

  /**
   * @returns whether the message is new; kafkajs goes back to the committed offset at every rebalance and then hands
   * out again what is still being worked on
   */
  accept(offset: bigint): boolean {
    if (this.#next !== undefined && offset < this.#next) return false;
    this.#inFlight.add(offset);
    this.#next = offset + 1n;
    return true;
  }

  /** Everything below is known to hold no further messages, such as a transaction's marker at the end of a batch. */
  skipTo(offset: bigint): void {
    if (this.#next === undefined || offset > this.#next) this.#next = offset;
  }

  /** @returns whether it was unfinished until now */
  finish(offset: bigint): boolean {
    return this.#inFlight.delete(offset);
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Everything below this offset is finished; undefined before the first message. */
  get watermark(): bigint | undefined {
    const [lowest] = this.#inFlight;
    return lowest ?? this.#next;
  }
}
