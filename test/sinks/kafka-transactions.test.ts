import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Taken } from '../../src/exactly-once.ts';
import { KafkaTransactions } from '../../src/sinks/kafka-transactions.ts';
import { GroupPartitions, type Partition } from '../../src/sources/messages/kafka/group-partitions.ts';
import { readTopic } from '../../src/sources/messages/kafka/read-topic.ts';
import { type KafkaBroker, startKafka } from '../setup/kafka-broker.ts';
import { KafkaTopics, until } from '../setup/kafka-topics.ts';
import { parts } from '../setup/parts.ts';

type EndTxn = (request: { transactionResult: boolean }) => Promise<unknown>;
type Produce = (request: object) => Promise<unknown>;
const { prototype: kafkajsBroker }: { prototype: { endTxn: EndTxn; produce: Produce } } = createRequire(
  import.meta.url,
)('kafkajs/src/broker/index.js');
const { endTxn } = kafkajsBroker;

describe.skipIf(!parts.kafka)('KafkaTransactions, needs kafka', () => {
  let broker: KafkaBroker;
  let topics: KafkaTopics;
  let round = 0;
  let group: string;
  const open: KafkaTransactions[] = [];

  beforeAll(async () => {
    broker = await startKafka();
    topics = new KafkaTopics(broker.brokers);
  });
  afterAll(() => broker?.stop());
  afterEach(async () => {
    kafkajsBroker.endTxn = endTxn;
    await Promise.all(open.splice(0).map((one) => one.close()));
  });

  /** A member that has the only partition of the input, and has begun so many messages of it. */
  async function member({ begun = 10, confirm = async () => {} } = {}) {
    const transactions = new KafkaTransactions({ brokers: broker.brokers, group, sendSeconds: 10, log() {} });
    open.push(transactions);
    const partitions = new GroupPartitions();
    partitions.assign({ memberId: 'm', generation: 1, assignment: { [`in-${group}`]: [0] } }, () => undefined);
    const [partition] = [...partitions] as [Partition];
    await transactions.gained([partition], confirm);
    for (let offset = 0; offset < begun; offset += 1) partition.tracker.accept(offset);
    const events = (taken: Taken) => transactions.to(`out-${group}`, taken);
    const settle = async (offset: number, lost?: AbortSignal, key: string | null = 'k') => {
      const refusal = await events({ partition, offset }).send({ key, value: String(offset), headers: {} }, lost);
      partition.tracker.finish(offset);
      return refusal;
    };
    return { transactions, partition, settle };
  }

  const newTopics = async (partitions = 1) => {
    round += 1;
    group = `g${round}`;
    await topics.create([`in-${group}`], 1);
    await topics.create([`out-${group}`], partitions);
  };
  const seen = async () => {
    await sleep(300); // the marks of the last transaction
    const found: string[] = [];
    const reading = { brokers: broker.brokers, topic: `out-${group}`, group, patienceSeconds: 20 };
    const { signal } = new AbortController();
    await readTopic(reading, { log() {}, signal }, ({ value }) => void found.push(String(value)));
    return found;
  };
  const committed = () => topics.committedOffsets(`in-${group}`, group);

  it('commits each outcome with the offset of its message, in whatever order they come', async () => {
    await newTopics();
    const { settle } = await member();
    await Promise.all([settle(3), settle(4)]);
    await until('a commit', async () => (await committed())[0] === 0);
    expect(await seen()).toEqual(['3', '4']);
    await Promise.all([settle(0), settle(1), settle(2)]);
    await until('a commit', async () => (await committed())[0] === 5);
    expect((await seen()).sort()).toEqual(['0', '1', '2', '3', '4']);
  });

  it('shuts out who had the partition before, and undoes what that one had begun', async () => {
    await newTopics();
    const before = await member();
    await before.settle(0);
    kafkajsBroker.endTxn = () => Promise.reject(new Error('frozen before the end'));
    const lost = new AbortController();
    const late = before.settle(1, lost.signal);
    await until('trouble', async () => before.transactions.trouble !== undefined);
    kafkajsBroker.endTxn = endTxn;
    const after = await member();
    await after.settle(2);
    lost.abort(new Error('somebody else has it'));
    await expect(late).rejects.toThrow('somebody else has it');
    expect(await seen()).toEqual(['0', '2']);
  });

  it('is not to take a partition back that the group has given to somebody else', async () => {
    await newTopics();
    let isOurs = true;
    const confirm = async () => {
      if (!isOurs) throw new Error('unknown member');
    };
    const before = await member({ confirm });
    const after = await member();
    isOurs = false;
    const lost = new AbortController();
    const late = before.settle(0, lost.signal);
    await until('trouble', async () => /unknown member/.test(before.transactions.trouble ?? ''));
    await after.settle(1);
    expect(after.transactions.trouble).toBeUndefined();
    lost.abort(new Error('lost'));
    await expect(late).rejects.toThrow('lost');
    expect(await seen()).toEqual(['1']);
  });

  it.each([
    ['was committed, though the answer was lost', true],
    ['was not committed', false],
  ])('sends nothing twice where a transaction %s', async (_, reaches) => {
    await newTopics();
    const { settle } = await member();
    await settle(0);
    let failures = 0;
    kafkajsBroker.endTxn = async function failing(this: unknown, request) {
      failures += 1;
      if (reaches) await endTxn.call(this, request);
      if (failures < 2) throw new Error('the connection was lost');
      return reaches ? undefined : endTxn.call(this, request);
    };
    await Promise.all([settle(1), settle(2)]);
    await settle(3);
    expect(failures).toBeGreaterThan(1);
    expect((await seen()).sort()).toEqual(['0', '1', '2', '3']);
    expect(await committed()).toEqual([4]);
  });

  it('forgets nothing of a transaction that was in doubt while others wait', async () => {
    await newTopics();
    const { transactions, settle } = await member();
    await settle(0);
    kafkajsBroker.endTxn = async function failing(this: unknown, request) {
      await endTxn.call(this, request);
      kafkajsBroker.endTxn = endTxn;
      throw new Error('the connection was lost');
    };
    const first = settle(1);
    await until('trouble', async () => transactions.trouble !== undefined);
    await Promise.all([first, settle(2)]);
    expect(await committed()).toEqual([3]);
    expect((await seen()).sort()).toEqual(['0', '1', '2']);
  });

  it('does not write a record without a key twice where the answer to the first was lost', async () => {
    await newTopics(3);
    const { settle } = await member();
    const { produce } = kafkajsBroker;
    kafkajsBroker.produce = async function failing(this: unknown, request) {
      kafkajsBroker.produce = produce;
      await produce.call(this, request);
      throw new kafkajs.KafkaJSConnectionError('the connection was lost');
    };
    await Promise.all([settle(0, undefined, null), settle(1, undefined, null)]);
    expect((await seen()).sort()).toEqual(['0', '1']);
    expect(await committed()).toEqual([2]);
  });

  it('says that trouble is over where the partition that had it is lost', async () => {
    await newTopics();
    const { transactions, partition, settle } = await member();
    const told: (string | undefined)[] = [];
    transactions.watch(() => told.push(transactions.trouble));
    kafkajsBroker.endTxn = () => Promise.reject(new Error('no'));
    const late = settle(0);
    await until('trouble', async () => transactions.trouble !== undefined);
    partition.lost.abort(new Error('lost'));
    transactions.lost(partition);
    await expect(late).rejects.toThrow('let go of');
    expect(told).toEqual([expect.stringContaining('no'), undefined]);
  });

  it('does not keep a member from leaving: once it is closed it begins nothing, and fails nothing', async () => {
    await newTopics();
    const { transactions, partition } = await member();
    await transactions.close();
    await transactions.gained([partition], () => expect.unreachable());
    expect(() =>
      transactions.to(`out-${group}`, { partition, offset: 0 }).send({ key: 'k', value: '', headers: {} }),
    ).toThrow('no longer ours');
  });

  it('tells of the one record that a topic refuses, and commits the others', async () => {
    await newTopics();
    await topics.limit(`out-${group}`, 2000);
    const { transactions, partition, settle } = await member();
    const large = transactions.to(`out-${group}`, { partition, offset: 1 });
    const refused = large.send({ key: 'k', value: 'x'.repeat(5000), headers: {} });
    await Promise.all([settle(0), settle(2)]);
    expect(await refused).toBe('MESSAGE_TOO_LARGE');
    expect((await seen()).sort()).toEqual(['0', '2']);
    expect(transactions.trouble).toBeUndefined();
  });
});
