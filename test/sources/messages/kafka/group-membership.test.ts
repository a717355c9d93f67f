import { describe, expect, it } from 'vitest';
import type { Fence } from '../../../../src/exactly-once.ts';
import type { Coordinator } from '../../../../src/sources/messages/kafka/group-hooks.ts';
import { GroupMembership } from '../../../../src/sources/messages/kafka/group-membership.ts';

/** A member whose outcomes are committed elsewhere, and a coordinator that answers as it is told to. */
function setup() {
  const told: string[] = [];
  let confirm: Parameters<Fence['gained']>[1] = async () => {};
  const fence: Fence = {
    async gained(partitions, ask) {
      confirm = ask;
      const lost = [...membership.partitions].filter((partition) => partition.lost.signal.aborted);
      told.push(`gained ${partitions.map(({ id }) => id)} after ${lost.map(({ id }) => id)} were left`);
    },
    lost: ({ id }) => void told.push(`lost ${id}`),
  };
  const heartbeat = { answer: async () => {} };
  const coordinator = {
    isConnected: () => true,
    heartbeat: () => heartbeat.answer(),
    async offsetFetch() {
      told.push('progress');
      return { responses: [] };
    },
  } as unknown as Coordinator; // the rest is not asked
  const membership = new GroupMembership(
    {
      ...{ group: 'g', patienceSeconds: 1, isStale: () => false, lost() {}, fetchMilliseconds: () => 1 },
      ...{ joins: () => 1, fence },
    },
    () => {},
  );
  const given = (memberId: string, generation: number, ids: number[]) =>
    membership.given({ memberId, generation, assignment: { scenes: ids }, coordinator });
  return { told, membership, given, heartbeat, confirm: (id: number) => confirm({ topic: 'scenes', id }) };
}

describe('GroupMembership with a fence', () => {
  it('ends work that is not ours any more, shuts out who had the new partitions, then asks how far they are', async () => {
    const { told, given } = setup();
    await given('m', 1, [0, 1]);
    await given('m', 2, [1, 2]);
    expect(told).toEqual([
      'gained 0,1 after  were left',
      'progress',
      'gained 2 after 0 were left',
      'progress',
      'lost 0',
    ]);
  });

  it('begins all anew as another member, and loses nothing that has come back', async () => {
    const { told, given } = setup();
    await given('m', 1, [0, 1]);
    await given('n', 3, [0, 1]);
    expect(told.slice(2)).toEqual(['gained 0,1 after 0,1 were left', 'progress']);
  });

  it('asks the coordinator of a partition that it was given, and of no other', async () => {
    const { membership, given, heartbeat, confirm } = setup();
    await given('m', 1, [0]);
    membership.commits.to({ isConnected: () => true, heartbeat: () => heartbeat.answer() } as unknown as Coordinator);
    await confirm(0);
    await expect(confirm(1)).rejects.toThrow('scenes[1] has gone to another member');
    heartbeat.answer = () => Promise.reject(Object.assign(new Error('changing'), { type: 'REBALANCE_IN_PROGRESS' }));
    await confirm(0); // until all have come, it is still ours
    heartbeat.answer = () => Promise.reject(Object.assign(new Error('gone'), { type: 'UNKNOWN_MEMBER_ID' }));
    await expect(confirm(0)).rejects.toThrow('gone');
  });
});
