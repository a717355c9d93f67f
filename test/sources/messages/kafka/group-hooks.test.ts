import kafkajs from 'kafkajs';
import { describe, expect, it } from 'vitest';
import type { PartitionName } from '../../../../src/exactly-once.ts';
import { hookGroup } from '../../../../src/sources/messages/kafka/group-hooks.ts';

/** A broker that answers as it is told to, behind the hooks. */
async function setup() {
  const state = { joins: 1, answer: async () => ({ responses: ['some'] }) };
  const outOfRange: PartitionName[] = [];
  const leader = { fetch: (_: { maxWaitTime: number }) => state.answer() };
  const cluster = hookGroup(
    { findGroupCoordinator: async () => ({}), findBroker: async () => leader },
    {
      beforeChange: async () => {},
      given: async () => {},
      fetchMilliseconds: () => 1,
      joins: () => state.joins,
      outOfRange: (name) => void outOfRange.push(name),
    },
  );
  const { fetch } = await cluster.findBroker({ nodeId: 1 });
  return { state, outOfRange, fetch: () => fetch({ maxWaitTime: 1 }) };
}

describe('hookGroup', () => {
  it('lets nothing through that was asked for before the group was joined again', async () => {
    const { state, fetch } = await setup();
    expect(await fetch()).toEqual({ responses: ['some'] });
    state.answer = async () => {
      state.joins += 1;
      return { responses: ['some'] };
    };
    expect(await fetch()).toEqual({ responses: [] });
  });

  it('tells of which partition nothing is where it was to be read, and of no other trouble', async () => {
    const { state, outOfRange, fetch } = await setup();
    const gone = new kafkajs.KafkaJSOffsetOutOfRange('gone', { topic: 'scenes', partition: 3 });
    for (const error of [gone, new Error('another')]) {
      state.answer = () => Promise.reject(error);
      await expect(fetch()).rejects.toBe(error);
    }
    expect(outOfRange).toEqual([{ topic: 'scenes', id: 3 }]);
  });

  it.each([
    ['has kafkajs join again where the partitions could not be begun', new Error('late'), 'REBALANCE_IN_PROGRESS'],
    [
      'says so where that makes no difference',
      Object.assign(new Error('no'), { type: 'GROUP_AUTHORIZATION_FAILED' }),
      'GROUP_AUTHORIZATION_FAILED',
    ],
  ])('%s', async (_, error, type) => {
    const syncGroup = async () => ({ memberAssignment: Buffer.alloc(0) });
    const bare = { joinGroup() {}, leaveGroup() {}, syncGroup };
    const cluster = hookGroup(
      { findGroupCoordinator: async () => bare, findBroker: async () => ({}) },
      {
        ...{ beforeChange: async () => {}, fetchMilliseconds: () => 1, joins: () => 1, outOfRange() {} },
        given: () => Promise.reject(error),
      },
    );
    const { syncGroup: synced } = await cluster.findGroupCoordinator({ groupId: 'g' });
    await expect(synced({ groupId: 'g', memberId: 'm', generationId: 1 })).rejects.toMatchObject({ type });
  });
});
