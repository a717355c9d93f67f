import type { KafkaMessage } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { GroupPartitions, type Partition } from '../../../../src/sources/messages/kafka/group-partitions.ts';
import { PartitionPauses } from '../../../../src/sources/messages/kafka/partition-pauses.ts';

const message: KafkaMessage = { headers: {}, key: null, value: null, timestamp: '0', attributes: 0, offset: '0' };
const HOUR = 3_600_000;

/** Two partitions, and what kafkajs was told of them. */
function setup(patienceMilliseconds = HOUR) {
  const told: string[] = [];
  const tell = (what: string) => (topics: { partitions?: number[] }[]) =>
    void told.push(`${what} ${topics[0]?.partitions}`);
  const partitions = new GroupPartitions();
  partitions.assign({ memberId: 'a', generation: 1, assignment: { scenes: [0, 1] } }, () => undefined);
  const consumer = { pause: tell('pause'), resume: tell('resume') };
  const pauses = new PartitionPauses(consumer, { patienceMilliseconds, due() {} }, () => {});
  const [one, other] = [...partitions] as [Partition, Partition];
  return { told, pauses, one, other, partitions };
}

describe('PartitionPauses', () => {
  it('pauses a partition that has enough at hand, until it has not', () => {
    const { told, pauses, one } = setup();
    pauses.review(one);
    one.inbox.add(Array(600).fill(message), 600);
    pauses.review(one);
    pauses.review(one);
    expect(told).toEqual(['pause 0']);
    while (one.inbox.length > 500) one.inbox.shift();
    pauses.review(one);
    expect(told).toEqual(['pause 0', 'resume 0']);
  });

  it('pauses a partition whose next message is not due, and all of them while they are held', () => {
    const { told, pauses, one, other, partitions } = setup();
    expect(pauses.isEarly(one, 0)).toBe(false);
    expect(pauses.isEarly(one, Date.now() + HOUR)).toBe(true);
    pauses.review(one);
    pauses.hold(true);
    pauses.review(other);
    expect(told).toEqual(['pause 0', 'pause 1']);
    pauses.hold(false);
    pauses.renew(partitions);
    expect(told.slice(2)).toEqual(['resume 0', 'resume 1']);
  });

  it('puts a fetch off while all are paused, until one is wanted', async () => {
    const { pauses, one, other, partitions } = setup();
    await pauses.wanted(partitions);
    for (const { inbox } of partitions) inbox.add(Array(600).fill(message), 600);
    for (const partition of partitions) pauses.review(partition);
    const order: string[] = [];
    const wanted = pauses.wanted(partitions).then(() => order.push('wanted'));
    await new Promise((resolve) => setImmediate(resolve));
    order.push('resumed');
    other.inbox.clear();
    pauses.review(other);
    await wanted;
    expect(order).toEqual(['resumed', 'wanted']);
    expect([one.paused, other.paused]).toEqual([true, false]);
  });

  it('puts a fetch off no longer than its patience, for the sake of heartbeats', async () => {
    const { pauses, partitions } = setup(1);
    pauses.hold(true);
    for (const partition of partitions) pauses.review(partition);
    await expect(pauses.wanted(partitions)).resolves.toBeUndefined();
  });
});
