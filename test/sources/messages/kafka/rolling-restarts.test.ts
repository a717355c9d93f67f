import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KafkaMessages, kafkaMessages } from '../../../../src/sources/messages/kafka/kafka-messages.ts';
import { type KafkaBroker, startKafka } from '../../../setup/kafka-broker.ts';
import { KafkaTopics, until } from '../../../setup/kafka-topics.ts';
import { parts } from '../../../setup/parts.ts';

const PARTITIONS = 4;
const LANES = 8;
const KEYS = 10;

/** A member of the group whose scenes take 10 to 100 ms, and which notes what it has sent. */
class Member {
  readonly #messages: KafkaMessages;
  readonly #work: Promise<unknown>;

  constructor(messages: KafkaMessages, sent: string[]) {
    this.#messages = messages;
    this.#work = Promise.all(Array.from({ length: LANES }, () => this.#lane(sent)));
  }

  async #lane(sent: string[]): Promise<void> {
    for (;;) {
      const { value: delivery, done } = await this.#messages[Symbol.asyncIterator]().next();
      if (done) return;
      const text = String(delivery.message.value);
      await sleep(10 + ((Number(text) * 37) % 90));
      await delivery.settle(async () => {
        await sleep(5);
        sent.push(text);
      });
    }
  }

  /** As SIGTERM does: nothing new is begun, the begun is finished and committed, the group is left. */
  async stop(): Promise<void> {
    this.#messages.end();
    await this.#work;
    await this.#messages.close();
  }
}

describe.skipIf(!parts.kafka)('kafkaMessages among members that come and go, needs kafka', () => {
  let broker: KafkaBroker;
  let topics: KafkaTopics;

  beforeAll(async () => {
    broker = await startKafka();
    topics = new KafkaTopics(broker.brokers);
  });
  afterAll(() => broker?.stop());

  async function join(topic: string, ordering: 'unordered' | 'key', sent: string[]): Promise<Member> {
    const settings = {
      brokers: broker.brokers,
      group: `of-${topic}`,
      inputTopic: topic,
      sessionSeconds: 6,
      commitSeconds: 0.1,
      connectSeconds: 10,
      prefetch: 16,
      ordering,
    };
    return new Member(await kafkaMessages(settings, { log() {}, signal: new AbortController().signal }), sent);
  }

  /** Sends messages 0, 1, … at a steady 100 a second, until it is told to stop. */
  function feed(topic: string): () => Promise<number> {
    let on = true;
    let count = 0;
    const feeding = (async () => {
      const producer = await topics.producer();
      for (; on; await sleep(100)) {
        const messages = Array.from({ length: 10 }, () => {
          const n = count++;
          return { key: String(n % KEYS), value: String(n), partition: (n % KEYS) % PARTITIONS };
        });
        await producer.send({ topic, messages, acks: -1 });
      }
      await producer.disconnect();
    })();
    return async () => {
      on = false;
      await feeding;
      return count;
    };
  }

  it.each(['unordered', 'key'] as const)(
    'loses nothing and repeats nothing while two members restart in turn under load, two join and two leave (%s)',
    async (ordering) => {
      const topic = `rolling-${ordering}`;
      await topics.create([topic], PARTITIONS);
      const sent: string[] = [];
      let members = await Promise.all([join(topic, ordering, sent), join(topic, ordering, sent)]);
      const fed = feed(topic);
      for (let restart = 0; restart < 6; restart += 1) {
        await sleep(1000);
        const [first, ...others] = members;
        await first?.stop();
        members = [...others, await join(topic, ordering, sent)];
      }
      for (let more = 0; more < 2; more += 1) members.push(await join(topic, ordering, sent));
      await sleep(1000);
      for (let fewer = 0; fewer < 2; fewer += 1) await members.shift()?.stop();
      const count = await fed();
      await until('all answers', async () => new Set(sent).size === count);
      for (const member of members) await member.stop();

      expect(sent.filter((text, at) => sent.indexOf(text) !== at)).toEqual([]);
      expect(await topics.committed(topic, `of-${topic}`)).toBe(count);
      if (ordering === 'key')
        for (let key = 0; key < KEYS; key += 1) {
          const ofKey = sent.map(Number).filter((n) => n % KEYS === key);
          expect(ofKey).toEqual(ofKey.toSorted((a, b) => a - b));
        }
    },
  );
});
