import type { EachBatchPayload, KafkaMessage } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../../../src/scene.ts';
import { GroupMembership } from '../../../../src/sources/messages/kafka/group-membership.ts';
import { KafkaIntake } from '../../../../src/sources/messages/kafka/kafka-intake.ts';

const upTo = (count: number, from = 0) => Array.from({ length: count - from }, (_, n) => from + n);

/**
 * One partition of a log, read as kafkajs reads it: from a position that each fetch moves on.
 * @param prefetch how many messages are handed out at once
 */
function setup(prefetch: number) {
  const log: string[] = [];
  const tell = (level: string, message: string) => void (level === 'warn' && log.push(message));
  const settings = {
    group: 'group',
    patienceSeconds: 1,
    isStale: () => false,
    lost() {},
    fetchMilliseconds: () => 1,
    joins: () => 1,
  };
  const membership = new GroupMembership(settings, tell);
  membership.partitions.assign({ memberId: 'a', generation: 1, assignment: { scenes: [0] } }, () => undefined);
  membership.gate.open();
  const parts = { consumer: { pause() {}, resume() {} }, membership, log: tell };
  const intake = new KafkaIntake(parts, {
    inputTopic: 'scenes',
    retryTopics: [],
    prefetch,
    ordering: 'unordered',
    patienceMilliseconds: 1,
  });
  const position = { offset: 0 };

  /** What a fetch has brought that asked for what begins at `from`, and found these offsets. */
  function take(from: number, offsets: readonly number[]): Promise<void> {
    const messages = offsets.map((offset) => ({ offset: String(offset), timestamp: '0' }) as KafkaMessage);
    const batch = {
      topic: 'scenes',
      partition: 0,
      highWatermark: '10000',
      fetchedOffset: String(from),
      messages,
      lastOffset: () => String(offsets.at(-1)),
    };
    const payload = {
      batch,
      resolveOffset: (offset: string) => {
        position.offset = Number(offset) + 1;
      },
      isRunning: () => true,
      isStale: () => false,
    };
    return intake.take(payload as unknown as EachBatchPayload);
  }

  /** kafkajs has gone over a fetch that held nothing for us. */
  function passed(first: number, last: number): void {
    const offsets = { firstOffset: String(first), lastOffset: String(last), highWatermark: String(last + 1) };
    intake.passed({ topic: 'scenes', partition: 0, batchSize: 0, ...offsets });
  }

  /** Settles so many deliveries. @returns their offsets */
  async function settle(count: number): Promise<number[]> {
    const offsets: number[] = [];
    while (offsets.length < count) {
      const { value } = await intake.queue.next();
      await value?.settle(async () => offsets.push(offsetOf(value)));
    }
    return offsets;
  }

  const partition = () => membership.partitions.get('scenes', 0);
  return { intake, membership, position, take, passed, settle, partition, log };
}

const offsetOf = ({ message }: Delivery) => Number(message.kafka?.offset);

describe('KafkaIntake', () => {
  it('leaves no hole when a fetch from before the group was joined comes after it', async () => {
    const { intake, position, take, settle, partition } = setup(4);
    await take(0, upTo(20));
    expect(await settle(3)).toEqual([0, 1, 2]);
    intake.startOver();
    await take(20, upTo(40, 20)); // was under way: what lay between has just been forgotten
    expect(position.offset).toBe(7);
    await take(7, upTo(40, 7));
    expect(await settle(37)).toEqual(upTo(40, 3));
    expect(partition()?.tracker.watermark).toBe(40);
  });

  it('leaves no hole where nothing had been begun yet', async () => {
    const { intake, position, take } = setup(4);
    intake.hold(true);
    await take(5, upTo(20, 5));
    intake.startOver();
    await take(20, upTo(40, 20));
    expect(position.offset).toBe(5);
  });

  it('goes on over offsets that hold nothing, and over those whose messages the log no longer keeps', async () => {
    const { intake, membership, take, settle, partition, log } = setup(4);
    await take(0, [0, 3]);
    intake.startOver();
    await take(0, [0, 3]);
    await take(4, [9]); // compacted
    expect(await settle(3)).toEqual([0, 3, 9]);
    membership.outOfRange({ topic: 'scenes', id: 0 });
    await take(100, [100]);
    expect(await settle(1)).toEqual([100]);
    expect(partition()?.tracker.watermark).toBe(101);
    expect(log).toEqual(['the log no longer keeps messages that were not read']);
  });

  it('reads a log that has begun anew from its beginning, and lets go of the old one', async () => {
    const { membership, take, settle, partition, log } = setup(4);
    await take(100, upTo(120, 100));
    expect(await settle(3)).toEqual([100, 101, 102]);
    const before = partition();
    membership.outOfRange({ topic: 'scenes', id: 0 });
    await take(0, upTo(8));
    expect(before?.lost.signal.aborted).toBe(true);
    expect(await settle(8)).toEqual(upTo(8));
    expect(partition()?.tracker.watermark).toBe(8);
    expect(log).toEqual(['the log has begun anew: it is read from its beginning']);
  });

  it('goes past a fetch that holds only marks of transactions, once all before it is finished', async () => {
    const { take, passed, settle, partition } = setup(4);
    await take(0, upTo(8));
    passed(8, 9);
    expect(partition()?.tracker.watermark).toBe(0);
    await settle(8);
    expect(partition()?.tracker.watermark).toBe(10);
    passed(10, 11);
    expect(partition()).toMatchObject({ end: 12, tracker: { watermark: 12 } });
  });

  it('does not go past what was forgotten when the group was joined', async () => {
    const { intake, take, passed, settle, partition } = setup(4);
    await take(0, upTo(8));
    await settle(2);
    intake.startOver();
    passed(8, 9);
    await take(10, [10]);
    await take(6, [6, 7]);
    expect(await settle(6)).toEqual(upTo(8, 2));
    expect(partition()?.tracker.watermark).toBe(8);
  });

  it('begins nothing twice when kafkajs goes back to what is committed', async () => {
    const { intake, take, settle, partition } = setup(4);
    await take(0, upTo(8));
    const before = partition();
    expect(await settle(3)).toEqual([0, 1, 2]);
    intake.startOver();
    await take(0, upTo(10));
    expect(await settle(7)).toEqual(upTo(10, 3));
    expect(partition()).toBe(before);
  });
});
