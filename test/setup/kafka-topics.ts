import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, {
  type CompressionTypes,
  Kafka,
  type KafkaMessage,
  type Message,
  Partitioners,
  type Producer,
} from 'kafkajs';

/** Node.js finds no names in kafkajs for what is made when it is loaded. */
const { ConfigResourceTypes, logLevel } = kafkajs;

/** What a test does with the topics of a broker: makes, fills, reads and watches them. */
export class KafkaTopics {
  readonly #kafka: Kafka;

  constructor(brokers: string[]) {
    this.#kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  }

  async create(topics: readonly string[], numPartitions: number): Promise<void> {
    const admin = this.#kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: topics.map((topic) => ({ topic, numPartitions })), waitForLeaders: true });
    await admin.disconnect();
  }

  /** Deletes topics, and waits until the broker knows them no more. */
  async delete(topics: string[]): Promise<void> {
    const admin = this.#kafka.admin();
    await admin.connect();
    await admin.deleteTopics({ topics });
    await until('the topics are gone', async () => !(await admin.listTopics()).some((name) => topics.includes(name)));
    await admin.disconnect();
  }

  /** Has a topic refuse larger messages. */
  limit(name: string, bytes: number): Promise<void> {
    return this.configure(name, { 'max.message.bytes': String(bytes) });
  }

  /** All settings of a topic that are not given are the broker's own again. */
  async configure(name: string, settings: Readonly<Record<string, string>>): Promise<void> {
    const admin = this.#kafka.admin();
    await admin.connect();
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
    const resources = [{ type: ConfigResourceTypes.TOPIC, name, configEntries }];
    await admin.alterConfigs({ validateOnly: false, resources });
    await admin.disconnect();
  }

  /** A producer, connected, for who sends again and again. */
  async producer(): Promise<Producer> {
    // Where only some partitions of a new topic have a leader yet, kafkajs sends to all of them again.
    const producer = this.#kafka.producer({ idempotent: true, createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    return producer;
  }

  async send(topic: string, messages: Message[], compression?: CompressionTypes): Promise<void> {
    const producer = await this.producer();
    await producer.send({ topic, messages, acks: -1, ...(compression && { compression }) });
    await producer.disconnect();
  }

  /** The node, counted from 1, that leads the first partition of a topic. */
  async leader(topic: string): Promise<number> {
    const admin = this.#kafka.admin();
    await admin.connect();
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    await admin.disconnect();
    return topics[0]?.partitions.find(({ partitionId }) => partitionId === 0)?.leader ?? 0;
  }

  /** Messages in a topic. */
  async count(topic: string): Promise<number> {
    const ends = await this.#ends(topic);
    return ends.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
  }

  /** Messages of a topic that a group has committed as done. */
  async committed(topic: string, groupId: string): Promise<number> {
    const offsets = await this.committedOffsets(topic, groupId);
    return offsets.reduce((sum, offset) => sum + Math.max(0, offset), 0);
  }

  /** By partition; -1 where none was committed. */
  async committedOffsets(topic: string, groupId: string): Promise<number[]> {
    const admin = this.#kafka.admin();
    await admin.connect();
    const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
    await admin.disconnect();
    const partitions = (found?.partitions ?? []).toSorted((a, b) => a.partition - b.partition);
    return partitions.map(({ offset }) => Number(offset));
  }

  /** Every message of a topic, from its beginning. */
  async readAll(topic: string): Promise<KafkaMessage[]> {
    const expected = await this.count(topic);
    const found: KafkaMessage[] = [];
    const consumer = this.#kafka.consumer({
      groupId: `reader-of-${topic}-${process.hrtime.bigint()}`,
      maxWaitTimeInMs: 100,
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({ eachMessage: async ({ message }) => void found.push(message) });
    await until(`${expected} messages in ${topic}`, async () => found.length >= expected);
    await consumer.disconnect();
    return found;
  }

  async #ends(topic: string) {
    const admin = this.#kafka.admin();
    await admin.connect();
    const ends = await admin.fetchTopicOffsets(topic);
    await admin.disconnect();
    return ends;
  }
}

const PATIENCE_SECONDS = 240;

/** Asks again until it is so; a broker that has just started may refuse an answer at first. */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  let refusal: unknown;
  const ask = () =>
    isSo().catch((error: unknown) => {
      refusal = error;
      return false;
    });
  for (const deadline = performance.now() + 1000 * PATIENCE_SECONDS; performance.now() < deadline; await sleep(50)) {
    if (await ask()) return;
  }
  throw new Error(`waited ${PATIENCE_SECONDS} s for ${what}`, { cause: refusal });
}
