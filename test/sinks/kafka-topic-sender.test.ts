import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Admin, Kafka } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TopicSender } from '../../src/sinks/kafka-topic-sender.ts';
import { readTopic } from '../../src/sources/messages/kafka/read-topic.ts';
import { type KafkaBroker, startKafka } from '../setup/kafka-broker.ts';
import { until } from '../setup/kafka-topics.ts';
import { parts } from '../setup/parts.ts';

const PARTITIONS = 6;
const TOGETHER = 24;
const MILLISECONDS = 5;
const MOVES = 10;

describe.skipIf(!parts.kafka)('TopicSender among three brokers, needs kafka', () => {
  let cluster: KafkaBroker;
  let admin: Admin;

  beforeAll(async () => {
    cluster = await startKafka(3, { crashes: true });
    admin = new Kafka({ brokers: cluster.brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();
    await admin.connect();
  });
  afterAll(async () => {
    await admin?.disconnect();
    await cluster?.stop();
  });

  /** @param replicas of a partition, the first of which leads; nodes are counted from 1 */
  const create = (topic: string, replicas: (partition: number) => number[]) => {
    const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition);
    const replicaAssignment = partitions.map((partition) => ({ partition, replicas: replicas(partition) }));
    return until(topic, () => admin.createTopics({ topics: [{ topic, replicaAssignment }], waitForLeaders: true }));
  };

  /** Sends records steadily until the disaster is over and all are safe. */
  const sendWhile = async (topic: string, disaster: () => Promise<void>) => {
    const sender = new TopicSender({ brokers: cluster.brokers, topic, trySeconds: 10, log() {}, changed() {} });
    await sender.open();
    const sends: Promise<unknown>[] = [];
    let isOver = false;
    const over = disaster().finally(() => {
      isOver = true;
    });
    while (!isOver) {
      for (let n = 0; n < TOGETHER; n += 1) {
        const value = String(sends.length);
        sends.push(sender.send({ key: value, value, headers: {} }));
      }
      await sleep(MILLISECONDS);
    }
    await Promise.all([over, ...sends]);
    await sender.close();
    return sends.length;
  };

  /** What the topic holds: how many different records, and how many more in each partition. */
  const find = async (topic: string) => {
    const [seen, repeats] = [new Set<string>(), Array<number>(PARTITIONS).fill(0)];
    // A leader may just be moving still, and whoever asks for the ends of a topic is told so.
    const ends = () => admin.fetchTopicOffsets(topic).catch(() => []);
    await until('all leaders', async () => (await ends()).length === PARTITIONS);
    const settings = { brokers: cluster.brokers, topic, group: 'judge' };
    await readTopic(settings, { log() {}, signal: new AbortController().signal }, ({ value, partition }) => {
      if (seen.has(String(value))) repeats[partition] = (repeats[partition] ?? 0) + 1;
      seen.add(String(value));
    });
    return { different: seen.size, repeats };
  };

  it('loses nothing while a leader moves, and repeats nothing of partitions whose leader stays', async () => {
    await create('moved', () => [1, 2]);
    const sent = await sendWhile('moved', async () => {
      for (let move = 1; move <= MOVES; move += 1) {
        await sleep(300);
        const partitionAssignment = [{ partition: 0, replicas: [1 + (move % 3), 1 + ((move + 1) % 3)] }];
        await admin.alterPartitionReassignments({ topics: [{ topic: 'moved', partitionAssignment }] });
      }
    });
    const { different, repeats } = await find('moved');
    expect(different).toBe(sent);
    expect(repeats.slice(1)).toEqual([0, 0, 0, 0, 0]);
    expect(repeats[0]).toBeLessThan(3 * MOVES * TOGETHER); // three batches may be under way when it moves
  });

  it('loses nothing when a broker is killed, and repeats nothing of partitions that others lead', async () => {
    await create('killed', (partition) => [0, 1, 2].map((n) => 1 + ((partition + n) % 3)));
    const sent = await sendWhile('killed', async () => {
      await sleep(1000);
      await cluster.kill(0);
      await sleep(4000);
    });
    const { different, repeats } = await find('killed');
    expect(different).toBe(sent);
    expect(repeats.filter((_, partition) => partition % 3 > 0)).toEqual([0, 0, 0, 0]);
    expect(Math.max(...repeats)).toBeLessThan(10 * TOGETHER);
  });
});

describe('TopicSender', () => {
  it('has no trouble any more once nobody is left to try again', async () => {
    const told: string[] = [];
    const log = (level: string, text: string) => void told.push(`${level} ${text}`);
    let changes = 0;
    const changed = () => {
      changes += 1;
    };
    const sender = new TopicSender({ brokers: ['127.0.0.1:1'], topic: 'away', trySeconds: 1, log, changed });
    const lost = new AbortController();
    const sent = sender.send({ key: null, value: 'a', headers: {} }, lost.signal); // never opened: it takes nothing
    await until('trouble', async () => sender.trouble !== undefined);
    lost.abort(new Error('gone to another member'));
    await expect(sent).rejects.toThrow('gone to another member');
    expect([sender.trouble, changes]).toEqual([undefined, 2]);
    expect(told.at(-1)).toContain('nothing is left to send to away');
    await sender.close();
  });
});
