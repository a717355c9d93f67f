import { setMaxListeners } from 'node:events';
import type { PartitionName, TakenPartition } from '../../../exactly-once.ts';
import { encodeRanges } from './finished-ranges.ts';
import { Inbox } from './inbox.ts';
import { OffsetTracker, type Progress } from './offset-tracker.ts';
import type { Holding } from './sticky-assigner.ts';

/** A partition of ours. Once a rebalance has taken it away, `GroupPartitions` knows this object no more. */
export type Partition = TakenPartition & {
  readonly tracker: OffsetTracker;
  readonly inbox: Inbox;
  /** What was committed last, offset and metadata. */
  committed: string;
  paused: boolean;
  /** Of its unfinished messages, those that wait aside and take no room. */
  aside: number;
  /** Whether kafkajs has gone to the beginning of the log, having found nothing where it was. */
  outOfRange: boolean;
  /** Where the partition ended when it was last read or asked. */
  end: number | undefined;
};

type Assigned = { readonly memberId: string; readonly generation: number; readonly assignment: Holding['held'] };

/**
 * The partitions that the group has given us. A partition that stays ours from one generation to the next keeps its
 * progress. After a generation that we have missed, or as another member (we were thrown out in between), nothing is
 * kept: somebody else may have worked on them.
 */
export class GroupPartitions implements Iterable<Partition> {
  #partitions = new Map<string, Partition>();
  #last: { readonly memberId: string; readonly generation: number } | undefined;

  /** Which of these partitions would begin anew: what is committed of them must be asked for. */
  gained(given: Assigned): PartitionName[] {
    const before = this.#kept(given);
    return namesOf(given).filter((name) => !before.has(keyOf(name)));
  }

  /** Ends the work on what is not ours any more, or begins anew, before anybody is told what is. */
  leave(given: Assigned): void {
    const kept = this.#kept(given);
    const now = new Set(namesOf(given).map(keyOf));
    for (const [key, { lost }] of this.#partitions)
      if (!kept.has(key) || !now.has(key)) lost.abort(new Error('the partition has gone to another member'));
  }

  /**
   * @param progress of the partitions gained, where any was committed
   * @returns the partitions that are lost
   */
  assign(given: Assigned, progress: (name: PartitionName) => Progress | undefined): Partition[] {
    const before = this.#kept(given);
    const now = namesOf(given).map((name) => before.get(keyOf(name)) ?? newPartition(name, progress(name)));
    const old = [...this];
    this.#partitions = new Map(now.map((partition) => [keyOf(partition), partition]));
    this.#last = { memberId: given.memberId, generation: given.generation };
    const lost = old.filter((partition) => !this.isOurs(partition));
    for (const partition of lost) partition.lost.abort(new Error('the partition has gone to another member'));
    return lost;
  }

  /** Lets go of all that is known of a partition of ours: what is read of it now is another log. */
  renew(partition: Partition): Partition {
    const renewed = { ...newPartition(partition, undefined), paused: partition.paused };
    this.#partitions.set(keyOf(partition), renewed);
    partition.lost.abort(new Error('the log of the partition has begun anew'));
    return renewed;
  }

  get(topic: string, id: number): Partition | undefined {
    return this.#partitions.get(keyOf({ topic, id }));
  }

  isOurs(partition: Partition): boolean {
    return this.#partitions.get(keyOf(partition)) === partition;
  }

  /** As it is told to whoever gives out the partitions. */
  holding(): Holding {
    const held: Record<string, number[]> = {};
    for (const { topic, id } of this) held[topic] = [...(held[topic] ?? []), id];
    return { generation: this.#last?.generation ?? -1, held };
  }

  [Symbol.iterator](): IterableIterator<Partition> {
    return this.#partitions.values();
  }

  #kept({ memberId, generation }: Assigned): ReadonlyMap<string, Partition> {
    const missed = generation - (this.#last?.generation ?? Number.NEGATIVE_INFINITY);
    return memberId === this.#last?.memberId && (missed === 0 || missed === 1) ? this.#partitions : new Map();
  }
}

function namesOf({ assignment }: Assigned): PartitionName[] {
  return Object.entries(assignment).flatMap(([topic, ids]) => ids.map((id) => ({ topic, id })));
}

function keyOf({ topic, id }: PartitionName): string {
  return `${topic}[${id}]`;
}

function newPartition({ topic, id }: PartitionName, progress: Progress | undefined): Partition {
  const tracker = new OffsetTracker(progress);
  const committed = progress === undefined ? '' : commitText(tracker);
  const commitAfter = (offsets: ReadonlySet<number>) => {
    const { offset, finished } = tracker.progressAfter(offsets);
    return { offset, metadata: encodeRanges(offset, finished) };
  };
  const lost = new AbortController();
  setMaxListeners(0, lost.signal); // every message in work listens to it; that is no leak
  return {
    topic,
    id,
    tracker,
    inbox: new Inbox(),
    lost,
    commitAfter,
    finish: (offset) => void tracker.finish(offset),
    committed,
    paused: false,
    aside: 0,
    outOfRange: false,
    end: undefined,
  };
}

/** All that a commit says of a partition, to tell whether there is anything new; empty before the first message. */
export function commitText({ watermark, metadata }: Pick<OffsetTracker, 'watermark' | 'metadata'>): string {
  return watermark === undefined ? '' : `${watermark} ${metadata}`;
}
