import { OffsetTracker } from './offset-tracker.ts';

/** A partition of ours. Once a rebalance has taken it away, `AssignedPartitions` knows this object no more. */
export type Partition = {
  readonly id: number;
  readonly tracker: OffsetTracker;
  committed: bigint | undefined;
  paused: boolean;
  /** Where the topic ended when the partition was last read. */
  end: bigint | undefined;
};

/**
 * The partitions that the group has given us, and what of their progress is still to be committed. Only partitions of
 * the moment are ever committed: the broker also accepts offsets of partitions that have gone to somebody else, and
 * would lose what that one has not finished.
 */
export class AssignedPartitions implements Iterable<Partition> {
  #partitions = new Map<number, Partition>();
  #memberId: string | undefined;

  /**
   * Progress is kept across a rebalance for partitions that stay ours, unless we were thrown out of the group in between
   * (which gives us a new member id): then somebody else may have worked on them.
   */
  assign(memberId: string, ids: readonly number[]): void {
    const before = memberId === this.#memberId ? this.#partitions : new Map<number, Partition>();
    const now = ids.map((id): Partition => {
      const kept = before.get(id);
      return kept ?? { id, tracker: new OffsetTracker(), committed: undefined, paused: false, end: undefined };
    });
    this.#partitions = new Map(now.map((partition) => [partition.id, partition]));
    this.#memberId = memberId;
  }

  get(id: number): Partition | undefined {
    return this.#partitions.get(id);
  }

  isOurs(partition: Partition): boolean {
    return this.#partitions.get(partition.id) === partition;
  }

  /** How far partitions have come since their last commit. */
  uncommitted(): { readonly partition: Partition; readonly offset: bigint }[] {
    return [...this].flatMap((partition) => {
      const offset = partition.tracker.watermark;
      return offset === undefined || offset === partition.committed ? [] : [{ partition, offset }];
    });
  }

  [Symbol.iterator](): IterableIterator<Partition> {
    return this.#partitions.values();
  }
}
