/**
 * What source and sink say to each other where an outcome and the offset of its message are committed together
 * (`kafka.delivery: exactly-once`). Everywhere else neither is asked.
 */

/** What a commit says of a partition: all below `offset` is finished, and `metadata` tells what is above it. */
export type Commit = { readonly offset: number; readonly metadata: string };

/** A partition that messages are taken from; once it has been lost and comes back it is another object. */
export type TakenPartition = {
  readonly topic: string;
  readonly id: number;
  /** Aborted once the partition is no longer ours. */
  readonly lost: AbortController;
  /** What is to be committed once these offsets are finished as well. */
  commitAfter(offsets: ReadonlySet<number>): Commit;
  /** This one has been committed as finished. */
  finish(offset: number): void;
};

export type PartitionName = Pick<TakenPartition, 'topic' | 'id'>;

/** Where a message was taken from. */
export type Taken = { readonly partition: TakenPartition; readonly offset: number };

/** Whose partitions are whose, as the sink has to know before anything is read of them. */
export type Fence = {
  /**
   * Shuts out whoever had these partitions before: what that one has begun to commit is undone, and it can commit no more.
   * Awaited before it is asked how far they have come.
   * @param confirm resolves if a partition is one that the group has given us, and we are still its member
   */
  gained(partitions: readonly PartitionName[], confirm: (partition: PartitionName) => Promise<void>): Promise<void>;
  lost(partition: PartitionName): void;
};
