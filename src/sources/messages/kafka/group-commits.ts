import type { PartitionName } from '../../../exactly-once.ts';
import { kafkaErrorType, type LogKafka } from '../../../kafka.ts';
import { isCoordinatorAway } from './coordinator-away.ts';
import { decodeRanges } from './finished-ranges.ts';
import type { Cluster, CommitRequest, Coordinator, Membership } from './group-hooks.ts';
import { commitText, type GroupPartitions, type Partition } from './group-partitions.ts';
import type { Progress } from './offset-tracker.ts';

/** The group is changing; the next commit, as the new member or in the new generation, will do. */
const passing = new Set(['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID']);

type Parts = {
  readonly group: string;
  readonly partitions: GroupPartitions;
  /** Whether somebody else commits, together with the outcomes. */
  readonly elsewhere: boolean;
  readonly log: LogKafka;
};
type Pending = { readonly partition: Partition; readonly offset: number; readonly metadata: string };

/**
 * Commits how far partitions have come, one commit at a time: two could arrive in the wrong order. Only partitions of
 * the moment are committed, and only in the generation that gave them to us: the broker would also take offsets of
 * partitions that have gone to somebody else, and lose what that one has not finished. kafkajs's own `commitOffsets`
 * tries again in whatever generation it then is.
 */
export class GroupCommits {
  readonly #parts: Parts;
  #cluster: Cluster | undefined;
  #coordinator: Coordinator | undefined;
  #membership: Membership | undefined;
  #milliseconds: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #committing: Promise<void> | undefined;
  #failed = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Commits that failed, those apart that a change of the group overtook. */
  get failed(): number {
    return this.#failed;
  }

  through(cluster: Cluster): void {
    this.#cluster = cluster;
  }

  to(coordinator: Coordinator): void {
    this.#coordinator = coordinator;
  }

  /** From now on what is finished is committed within so many seconds. */
  every(seconds: number): void {
    this.#milliseconds = 1000 * seconds;
    this.soon();
  }

  /** Something may have been finished. While nothing is, nothing wakes up. */
  soon(): void {
    if (this.#milliseconds !== undefined && !this.#parts.elsewhere)
      this.#timer ??= setTimeout(() => void this.#due(), this.#milliseconds);
  }

  /** Commits all that is finished by now. @returns whether it could be, or was overtaken by a change of the group */
  async flush(): Promise<boolean> {
    while (this.#committing !== undefined) await this.#committing;
    return this.#try();
  }

  stop(): void {
    this.#milliseconds = undefined;
    clearTimeout(this.#timer);
  }

  /** From now on commits are of this generation. */
  join(membership: Membership): void {
    this.#membership = membership;
  }

  /**
   * Asks the coordinator whether a partition is still ours by what this generation was given.
   * @throws when it is not, or nobody answers
   */
  async confirm({ memberId, generation, assignment }: Membership, { topic, id }: PartitionName): Promise<void> {
    if (!assignment[topic]?.includes(id)) throw new Error(`${topic}[${id}] has gone to another member`);
    const request = { groupId: this.#parts.group, memberId, groupGenerationId: generation };
    try {
      await this.#ask(request, (coordinator) => coordinator.heartbeat(request));
    } catch (error) {
      // Until all have come to be given theirs anew, each has what it had.
      if (kafkaErrorType(error) !== 'REBALANCE_IN_PROGRESS') throw error;
    }
  }

  /** What was committed of these partitions, by us or whoever had them before. */
  async progress(
    names: readonly PartitionName[],
    coordinator: Coordinator,
  ): Promise<(name: PartitionName) => Progress | undefined> {
    const found = new Map<string, Progress>();
    if (names.length > 0) {
      const topics = byTopic(names, ({ id }) => ({ partition: id }));
      const { responses } = await coordinator.offsetFetch({ groupId: this.#parts.group, topics });
      for (const { topic, partitions } of responses)
        for (const { partition, offset: text, metadata } of partitions) {
          const offset = Number(text);
          if (offset >= 0) found.set(`${topic}[${partition}]`, { offset, finished: decodeRanges(offset, metadata) });
        }
    }
    return ({ topic, id }) => found.get(`${topic}[${id}]`);
  }

  async #due(): Promise<void> {
    await this.flush();
    this.#timer = undefined;
    const { partitions } = this.#parts;
    if ([...partitions].some((partition) => uncommitted(partition).length > 0)) this.soon(); // or it failed
  }

  async #try(): Promise<boolean> {
    let done = true;
    this.#committing = this.#commit().catch((error: unknown) => {
      done = this.#report(error);
    });
    await this.#committing;
    this.#committing = undefined;
    return done;
  }

  async #commit(): Promise<void> {
    const { group, partitions, elsewhere } = this.#parts;
    if (elsewhere) return;
    const pending = [...partitions].flatMap(uncommitted);
    if (pending.length === 0 || this.#membership === undefined) return;
    const { memberId, generation } = this.#membership;
    const topics = byTopic(
      pending.map(({ partition, ...rest }) => ({ topic: partition.topic, id: partition.id, ...rest })),
      ({ id, offset, metadata }) => ({ partition: id, offset: String(offset), metadata }),
    );
    await this.#send({ groupId: group, memberId, groupGenerationId: generation, topics });
    for (const { partition, offset, metadata } of pending) partition.committed = `${offset} ${metadata}`;
  }

  #send(request: CommitRequest): Promise<void> {
    return this.#ask(request, (coordinator) => coordinator.offsetCommit(request));
  }

  async #ask(group: { groupId: string }, question: (coordinator: Coordinator) => Promise<unknown>): Promise<void> {
    if (!this.#coordinator?.isConnected()) this.#coordinator = await this.#cluster?.findGroupCoordinator(group);
    try {
      if (this.#coordinator !== undefined) await question(this.#coordinator);
    } catch (error) {
      if (isCoordinatorAway(error)) this.#coordinator = undefined; // the next question looks for the new one
      throw error;
    }
  }

  #report(error: unknown): boolean {
    const overtaken = passing.has(kafkaErrorType(error) ?? '');
    if (!overtaken) this.#failed += 1;
    const message = 'offsets could not be committed; the next commit will hold them';
    this.#parts.log(overtaken ? 'debug' : 'warn', message, { error });
    return overtaken;
  }
}

function uncommitted(partition: Partition): Pending[] {
  const { tracker, committed } = partition;
  const offset = tracker.watermark;
  if (offset === undefined || commitText(tracker) === committed) return [];
  return [{ partition, offset, metadata: tracker.metadata }];
}

function byTopic<T extends PartitionName, P>(names: readonly T[], part: (name: T) => P) {
  const topics = new Map<string, P[]>();
  for (const name of names) topics.set(name.topic, [...(topics.get(name.topic) ?? []), part(name)]);
  return [...topics].map(([topic, partitions]) => ({ topic, partitions }));
}
