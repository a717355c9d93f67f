import { AssignerProtocol, type KafkaJSOffsetOutOfRange } from 'kafkajs';
import type { PartitionName } from '../../../exactly-once.ts';
import { expectKafkajs } from '../../../expect-kafkajs.ts';
import { kafkaErrorType } from '../../../kafka.ts';

type Group = { readonly groupId: string };
type Member = Group & { readonly memberId: string };
export type TopicPartitions<P> = { readonly topic: string; readonly partitions: readonly P[] };
export type CommitRequest = Member & {
  readonly groupGenerationId: number;
  readonly topics: readonly TopicPartitions<{ partition: number; offset: string; metadata: string }>[];
};
export type FetchedOffset = { readonly partition: number; readonly offset: string; readonly metadata: string | null };

/** What is used of a broker of kafkajs that coordinates a group. */
export type Coordinator = {
  isConnected(): boolean;
  joinGroup(request: Member): Promise<unknown>;
  syncGroup(request: Member & { generationId: number }): Promise<{ memberAssignment: Buffer }>;
  leaveGroup(request: Member): Promise<unknown>;
  heartbeat(request: Member & { groupGenerationId: number }): Promise<unknown>;
  offsetCommit(request: CommitRequest): Promise<unknown>;
  offsetFetch(
    request: Group & { topics: readonly TopicPartitions<{ partition: number }>[] },
  ): Promise<{ responses: readonly TopicPartitions<FetchedOffset>[] }>;
};

/** What is used of a broker of kafkajs that partitions are fetched from. */
type Leader = { fetch(request: { readonly maxWaitTime: number }): Promise<{ responses: readonly unknown[] }> };

/** What is used of a cluster of kafkajs. */
export type Cluster = {
  findGroupCoordinator(group: Group): Promise<Coordinator>;
  findBroker(node: { nodeId: number | string }): Promise<Leader>;
};

/** Who we are in a generation of the group, and what it has given us, by topic. */
export type Membership = {
  readonly memberId: string;
  readonly generation: number;
  readonly assignment: Readonly<Record<string, readonly number[]>>;
  readonly coordinator: Coordinator;
};

export type GroupHooks = {
  /** Before the group hears that we join again, or leave: our partitions are still ours, and may be committed. */
  beforeChange(coordinator: Coordinator): Promise<void>;
  /** The partitions have been given out; nothing of them has been fetched yet. */
  given(membership: Membership): Promise<void>;
  /** How long a broker may wait for messages to come before it answers a fetch that finds none. */
  fetchMilliseconds(): number;
  /** How often we have joined the group. */
  joins(): number;
  /** Nothing is where this partition was to be read: kafkajs now goes to the beginning of its log. */
  outOfRange(name: PartitionName): void;
};

/**
 * Puts the hooks that kafkajs does not have around its talk with the coordinator of the group: each is awaited before
 * the protocol goes on. kafkajs finds the coordinator anew before each join, so no broker is missed.
 * @throws {Error} for a kafkajs that is not built as expected
 */
export function hookGroup(cluster: object, hooks: GroupHooks): Cluster {
  expectKafkajs();
  if (!isCluster(cluster)) throw new Error('the cluster of kafkajs has nothing to hook');
  const hooked = new WeakSet<Coordinator>();
  const find = cluster.findGroupCoordinator.bind(cluster);
  cluster.findGroupCoordinator = async (group) => {
    const coordinator = await find(group);
    if (!hooked.has(coordinator)) hookCoordinator(coordinator, hooks);
    hooked.add(coordinator);
    return coordinator;
  };
  hookFetches(cluster, hooks);
  return cluster;
}

function hookFetches(cluster: Cluster, hooks: GroupHooks): void {
  const hooked = new WeakSet<Leader>();
  const find = cluster.findBroker.bind(cluster);
  cluster.findBroker = async (node) => {
    const leader = await find(node);
    if (hooked.has(leader)) return leader;
    hooked.add(leader);
    const fetch = leader.fetch.bind(leader);
    leader.fetch = (request) => fetchInTime(() => fetch({ ...request, maxWaitTime: hooks.fetchMilliseconds() }), hooks);
    return leader;
  };
}

/**
 * One fetch can make kafkajs join the group again while those of other brokers go on. What they asked for before is
 * beyond the positions that it then goes back to, and would leave out all that lies between.
 */
async function fetchInTime(fetch: () => ReturnType<Leader['fetch']>, hooks: GroupHooks) {
  const joins = hooks.joins();
  try {
    const answer = await fetch();
    return joins === hooks.joins() ? answer : { ...answer, responses: [] };
  } catch (error) {
    const name = outOfRange(error);
    if (name !== undefined) hooks.outOfRange(name);
    throw error;
  }
}

function outOfRange(error: unknown): PartitionName | undefined {
  if (!(error instanceof Error) || error.name !== 'KafkaJSOffsetOutOfRange') return undefined;
  const { topic, partition } = error as KafkaJSOffsetOutOfRange;
  return { topic, id: partition };
}

/** Its own types leave out most of what it has. */
function isCluster(cluster: object): cluster is Cluster {
  return 'findGroupCoordinator' in cluster && 'findBroker' in cluster;
}

/** Of these, joining again makes no difference; a member that is no longer one joins as another by itself. */
const FINAL = /AUTHORIZATION|INVALID_TRANSACTION_TIMEOUT|UNKNOWN_MEMBER/;

/** To kafkajs most errors here are no reason to join again: it would go on with the partitions of before. */
function joinAgain(cause: unknown): never {
  if (FINAL.test(kafkaErrorType(cause) ?? '')) throw cause;
  const error = new Error('the partitions that were given could not be begun', { cause });
  throw Object.assign(error, { type: 'REBALANCE_IN_PROGRESS' });
}

function hookCoordinator(coordinator: Coordinator, hooks: GroupHooks): void {
  const join = coordinator.joinGroup.bind(coordinator);
  const sync = coordinator.syncGroup.bind(coordinator);
  const leave = coordinator.leaveGroup.bind(coordinator);
  coordinator.joinGroup = async (request) => {
    await hooks.beforeChange(coordinator);
    return join(request);
  };
  coordinator.syncGroup = async (request) => {
    const answer = await sync(request);
    const { assignment = {} } = AssignerProtocol.MemberAssignment.decode(answer.memberAssignment) ?? {};
    const membership = { memberId: request.memberId, generation: request.generationId, assignment, coordinator };
    await hooks.given(membership).catch(joinAgain);
    return answer;
  };
  coordinator.leaveGroup = async (request) => {
    await hooks.beforeChange(coordinator);
    return leave(request);
  };
}
