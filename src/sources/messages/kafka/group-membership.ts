import type { Fence, PartitionName } from '../../../exactly-once.ts';
import type { LogKafka } from '../../../kafka.ts';
import { within } from '../../../within.ts';
import { GroupCommits } from './group-commits.ts';
import { type Coordinator, type GroupHooks, hookGroup, type Membership } from './group-hooks.ts';
import { GroupPartitions, type Partition } from './group-partitions.ts';
import { SendGate } from './send-gate.ts';
import { stickyAssigner } from './sticky-assigner.ts';

export type MembershipSettings = {
  readonly group: string;
  /** How long sends under way are waited for before the group goes on without them. */
  readonly patienceSeconds: number;
  /** Whether the group may have given us up. */
  readonly isStale: () => boolean;
  readonly lost: (partition: Partition) => void;
  readonly fetchMilliseconds: () => number;
  readonly joins: () => number;
  /** Where outcomes and offsets are committed together. */
  readonly fence?: Fence;
};

/**
 * Our place in the consumer group: what is ours, how far it has come, and when results may leave. Before the partitions
 * are given out anew, sends under way are awaited and all that is finished is committed; of what comes to us, it is read
 * what others have finished; of what has gone, nothing more is sent. That is what makes a rolling restart repeat nothing.
 */
export class GroupMembership implements GroupHooks {
  readonly partitions = new GroupPartitions();
  readonly gate: SendGate;
  readonly commits: GroupCommits;
  readonly #settings: MembershipSettings;
  readonly #log: LogKafka;

  constructor(settings: MembershipSettings, log: LogKafka) {
    this.#settings = settings;
    this.#log = log;
    this.gate = new SendGate(settings.isStale);
    const elsewhere = settings.fence !== undefined;
    this.commits = new GroupCommits({ group: settings.group, partitions: this.partitions, elsewhere, log });
  }

  /** For the options of the consumer, which this is for and no other. */
  get assigner() {
    const holds = () => this.partitions.holding();
    return stickyAssigner(holds, (cluster) => this.commits.through(hookGroup(cluster, this)));
  }

  fetchMilliseconds(): number {
    return this.#settings.fetchMilliseconds();
  }

  joins(): number {
    return this.#settings.joins();
  }

  outOfRange({ topic, id }: PartitionName): void {
    const partition = this.partitions.get(topic, id);
    if (partition !== undefined) partition.outOfRange = true;
  }

  async beforeChange(coordinator: Coordinator): Promise<void> {
    this.commits.to(coordinator);
    try {
      const { patienceSeconds } = this.#settings;
      await within(patienceSeconds, this.gate.close(), 'sending what was under way');
      await within(patienceSeconds, this.commits.flush(), 'committing what is finished');
    } catch (error) {
      this.#log('warn', 'the group changes while outcomes are still being sent or committed: some may repeat', {
        error,
      });
    }
  }

  async given(membership: Membership): Promise<void> {
    const gained = this.partitions.gained(membership);
    const { fence } = this.#settings;
    if (fence) {
      this.partitions.leave(membership); // or what is tried again for these would be taken for the work of today
      await fence.gained(gained, (partition) => this.commits.confirm(membership, partition));
    }
    const progress = await this.commits.progress(gained, membership.coordinator);
    this.commits.join(membership);
    for (const partition of this.partitions.assign(membership, progress)) {
      this.#settings.lost(partition);
      if (!this.partitions.get(partition.topic, partition.id)) fence?.lost(partition);
    }
    this.gate.wake(); // whoever waits for a partition that is lost
  }
}
