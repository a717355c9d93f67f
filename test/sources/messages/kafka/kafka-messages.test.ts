import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { UsageError } from '../../../../src/errors.ts';
import type { Delivery } from '../../../../src/scene.ts';
import { registerCodecs } from '../../../../src/sources/messages/kafka/codecs.ts';
import { type KafkaMessages, kafkaMessages } from '../../../../src/sources/messages/kafka/kafka-messages.ts';
import { type KafkaBroker, startKafka } from '../../../setup/kafka-broker.ts';
import { KafkaTopics } from '../../../setup/kafka-topics.ts';
import { parts } from '../../../setup/parts.ts';
import { withZstd } from '../../../setup/with-zstd.ts';

const PARTITIONS = 4;
const sent = async () => {};

describe.skipIf(!parts.kafka)('kafkaMessages, needs kafka', () => {
  let broker: KafkaBroker;
  let topics: KafkaTopics;
  let number = 0;
  let topic = '';
  const open = new Set<KafkaMessages>();

  beforeAll(async () => {
    broker = await startKafka();
    topics = new KafkaTopics(broker.brokers);
  });
  afterEach(async () => {
    for (const messages of open) await messages.close().catch(() => {});
    open.clear();
  });
  afterAll(() => broker?.stop());

  /** Fills a new topic with messages 0 … count − 1, in turn over its partitions. */
  async function fill(count: number, compression?: kafkajs.CompressionTypes): Promise<void> {
    number += 1;
    topic = `scenes-${number}`;
    await topics.create([topic], PARTITIONS);
    const messages = Array.from({ length: count }, (_, n) => ({ value: String(n), partition: n % PARTITIONS }));
    if (count > 0) await topics.send(topic, messages, compression);
  }

  async function take(prefetch = 16): Promise<KafkaMessages> {
    const { brokers } = broker;
    const group = `group-${number}`;
    const settings = {
      brokers,
      group,
      inputTopic: topic,
      sessionSeconds: 10,
      commitSeconds: 0.1,
      connectSeconds: 10,
      prefetch,
      ordering: 'unordered' as const,
    };
    const messages = await kafkaMessages(settings, { log() {}, signal: new AbortController().signal });
    open.add(messages);
    return messages;
  }

  const committed = () => topics.committedOffsets(topic, `group-${number}`);

  /** Takes so many deliveries; they may come in any order between partitions. */
  async function some(messages: KafkaMessages, count: number): Promise<Delivery[]> {
    const iterator = messages[Symbol.asyncIterator]();
    const taken: Delivery[] = [];
    while (taken.length < count) {
      const { value, done } = await iterator.next();
      if (done) throw new Error(`the messages ended after ${taken.length}`);
      taken.push(value);
    }
    return taken;
  }

  const values = (deliveries: readonly Delivery[]) =>
    deliveries.map(({ message }) => Number(message.value)).sort((a, b) => a - b);
  const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

  it('hands out every message once and commits to the end of each partition', async () => {
    await fill(400);
    const messages = await take();
    const seen: Delivery[] = [];
    for (let n = 0; n < 400; n += 8) {
      const lanes = await some(messages, 8);
      for (const delivery of lanes.reverse()) await delivery.settle(sent);
      seen.push(...lanes);
    }
    expect(values(seen)).toEqual(upTo(400));
    expect(seen[0]?.message).toMatchObject({
      kafka: { topic },
      origin: expect.stringMatching(/^scenes-\d+\[\d\]@\d+$/),
    });
    expect(messages.health().joined).toBe(true);
    const { lag, ...figures } = messages.figures();
    expect([...lag.values()]).toEqual([0, 0, 0, 0]);
    expect(figures).toEqual({
      pausedPartitions: 0,
      assignments: 1,
      failedCommits: 0,
      lastHeartbeat: expect.any(Number),
    });
    expect(Math.abs(figures.lastHeartbeat - Date.now() / 1000)).toBeLessThan(30);
    await messages.close();
    expect(await committed()).toEqual([100, 100, 100, 100]);
  });

  it('holds no more messages than it may, and takes more only as they are settled', async () => {
    await fill(400);
    const messages = await take(5);
    const first = await some(messages, 5 * PARTITIONS);
    const next = some(messages, 1);
    expect(await Promise.race([next, sleep(600, 'none')])).toBe('none');
    for (const delivery of first) await delivery.settle(sent);
    expect(await next).toHaveLength(1);
  });

  it('commits up to the first unfinished message, and hands out that one only to who comes next', async () => {
    await fill(80);
    const before = await take(20);
    const begun = await some(before, 80);
    const unfinished = begun.find(({ message }) => message.kafka?.partition === 1 && message.kafka.offset === '3');
    for (const delivery of begun) if (delivery !== unfinished) await delivery.settle(sent);
    await before.close();
    expect(await committed()).toEqual([20, 3, 20, 20]);
    const after = await take(20);
    const [again] = await some(after, 1);
    expect(again?.message.value?.toString()).toBe('13');
    await again?.settle(sent);
    await topics.send(topic, [{ value: 'new', partition: 1 }]);
    expect((await some(after, 1)).map(({ message }) => String(message.value))).toEqual(['new']);
  });

  it('hands out nothing more when told to end, lets the begun be settled, and repeats nothing', async () => {
    await fill(80);
    const before = await take();
    const begun = await some(before, 7);
    before.end();
    expect((await before[Symbol.asyncIterator]().next()).done).toBe(true);
    await sleep(300);
    for (const delivery of begun) await delivery.settle(sent);
    await before.close();
    const rest = await some(await take(20), 73);
    expect([...values(begun), ...values(rest)].sort((a, b) => a - b)).toEqual(upTo(80));
  });

  it('refuses to start on a topic that does not exist', async () => {
    topic = 'nowhere';
    await expect(take()).rejects.toThrow(
      new UsageError(['kafka.inputTopic: Kafka has no topic nowhere; make it, or name another']),
    );
  });

  it('ends with a clear error when kafkajs gives up, and never idles', async () => {
    await fill(0);
    const messages = await take();
    // As a codec that Kafka may have one day.
    const { ZSTD } = kafkajs.CompressionTypes;
    kafkajs.CompressionCodecs[ZSTD] = () => {
      throw new TypeError('no such codec');
    };
    onTestFinished(registerCodecs);
    await withZstd(() => topics.send(topic, [{ value: '0' }], ZSTD));
    await expect(some(messages, 1)).rejects.toThrow('the Kafka consumer has stopped for good: ');
    expect(messages.health().stopped).toBe(true);
  });
});
