import { AssignerProtocol, type GroupMember, type PartitionAssigner } from 'kafkajs';
import { z } from 'zod';
import { balance, type Holder } from './balance.ts';

/** What a member tells of itself when it joins: the partitions that it holds, by topic, and in which generation. */
export type Holding = { readonly generation: number; readonly held: Readonly<Record<string, readonly number[]>> };

const holding = z.object({ generation: z.int(), held: z.record(z.string(), z.array(z.int())) });
const NAME = 'saccade-sticky';
const VERSION = 1;

/**
 * An assigner for kafkajs that moves as few partitions as can be when members come and go; its own, round robin, deals
 * them all anew. Topic by topic, so that each topic is spread evenly.
 * @param holds what we hold at the moment, asked at each join
 * @param hook given the cluster of the consumer, which kafkajs shows to nobody else
 */
export function stickyAssigner(holds: () => Holding, hook: (cluster: object) => void): PartitionAssigner {
  return ({ cluster }) => {
    hook(cluster);
    return {
      name: NAME,
      version: VERSION,
      protocol: ({ topics }) => {
        const userData = Buffer.from(JSON.stringify(holds()));
        return { name: NAME, metadata: AssignerProtocol.MemberMetadata.encode({ version: VERSION, topics, userData }) };
      },
      assign: async ({ members, topics }) => {
        const ids = (topic: string) => cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId);
        const given = share(members, new Map(topics.map((topic) => [topic, ids(topic)])));
        return [...given].map(([memberId, assignment]) => ({
          memberId,
          memberAssignment: AssignerProtocol.MemberAssignment.encode({
            version: VERSION,
            assignment,
            userData: Buffer.alloc(0),
          }),
        }));
      },
    };
  };
}

/** Of each member, its partitions by topic. */
function share(
  members: readonly GroupMember[],
  topics: ReadonlyMap<string, readonly number[]>,
): Map<string, Record<string, number[]>> {
  const given = new Map(members.map(({ memberId }) => [memberId, {} as Record<string, number[]>]));
  const load = new Map<string, number>();
  const told = members.map((member) => ({ id: member.memberId, ...holdingOf(member) }));
  for (const [topic, ids] of topics) {
    const holders = told.map(({ id, generation, held }): Holder => {
      return { id, generation, held: new Set((held[topic] ?? []).map(String)) };
    });
    const names = ids.toSorted((a, b) => a - b).map(String);
    for (const [id, mine] of balance(names, holders, load)) {
      load.set(id, (load.get(id) ?? 0) + mine.length);
      const assignment = given.get(id);
      if (assignment !== undefined && mine.length > 0) assignment[topic] = mine.map(Number);
    }
  }
  return given;
}

/** A member that says nothing, or nothing of this shape, holds nothing. */
function holdingOf({ memberMetadata }: GroupMember): Holding {
  try {
    const { userData } = AssignerProtocol.MemberMetadata.decode(memberMetadata) ?? {};
    return holding.parse(JSON.parse(String(userData)));
  } catch {
    return { generation: -1, held: {} };
  }
}
