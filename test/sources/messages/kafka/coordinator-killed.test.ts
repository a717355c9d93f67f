import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Delivery } from '../../../../src/scene.ts';
import { type KafkaMessages, kafkaMessages } from '../../../../src/sources/messages/kafka/kafka-messages.ts';
import { type KafkaBroker, startKafka } from '../../../setup/kafka-broker.ts';
import { KafkaTopics, until } from '../../../setup/kafka-topics.ts';
import { parts } from '../../../setup/parts.ts';

const PARTITIONS = 3;
const COUNT = 300;
const SESSION_SECONDS = 6;

describe.skipIf(!parts.kafka)('kafkaMessages among three brokers, needs kafka', () => {
  let cluster: KafkaBroker;
  let topics: KafkaTopics;
  const members: KafkaMessages[] = [];

  beforeAll(async () => {
    cluster = await startKafka(3, { crashes: true });
    topics = new KafkaTopics(cluster.brokers);
    await until('the topic', () => topics.create(['scenes'], PARTITIONS).then(() => true));
  });
  afterAll(async () => {
    await Promise.all(members.map((member) => member.close().catch(() => {})));
    await cluster?.stop();
  });

  const settings = () => ({
    brokers: cluster.brokers,
    group: 'group',
    inputTopic: 'scenes',
    sessionSeconds: SESSION_SECONDS,
    commitSeconds: 0.1,
    connectSeconds: 10,
    prefetch: 16,
    ordering: 'unordered' as const,
  });

  it('keeps its partitions, and takes each message once, when the coordinator of the group is killed', async () => {
    const taken: string[] = [];
    const take = ({ message }: Delivery) => void taken.push(String(message.value));
    for (let n = 0; n < 2; n += 1) {
      const member = await kafkaMessages(settings(), { log() {}, signal: new AbortController().signal });
      members.push(member);
      const takeAll = async () => {
        for await (const delivery of member) void delivery.settle(async () => take(delivery));
      };
      void takeAll();
    }
    const partitions = () => members.map((member) => [...member.figures().lag.keys()]);
    await until('each partition to have one of the two', async () => {
      return partitions().every(({ length }) => length > 0) && partitions().flat().length === PARTITIONS;
    });
    const before = partitions();
    const coordinator = (await topics.leader('__consumer_offsets')) - 1;
    const send = async (from: number) => {
      const messages = Array.from({ length: COUNT / 3 }, (_, n) => ({
        value: String(from + n),
        partition: n % PARTITIONS,
      }));
      await until('the messages', () => topics.send('scenes', messages).then(() => true));
    };
    await send(0);
    await cluster.kill(coordinator);
    await send(COUNT / 3);
    await sleep(1500 * SESSION_SECONDS);
    await send((2 * COUNT) / 3);
    await until('all offsets', async () => (await topics.committed('scenes', 'group')) === COUNT);
    expect(partitions()).toEqual(before);
    expect(taken.length).toBe(COUNT);
    expect(new Set(taken).size).toBe(COUNT);
  });
});
