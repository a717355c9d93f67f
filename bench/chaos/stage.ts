import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { Kafka, Partitioners, type Producer } from 'kafkajs';
import { readTopic, type TopicRecord } from '../../src/sources/messages/kafka/read-topic.ts';
import { KafkaTopics, until } from '../../test/setup/kafka-topics.ts';
import type { Answer, Commits, Found, Sent } from './judge.ts';
import { Member } from './member.ts';
import type { Stores } from './stores.ts';

export type StageParts = {
  /** Of all that is made for it. */
  readonly name: string;
  readonly brokers: readonly string[];
  readonly model: string;
  readonly stores: Stores;
  /** Messages of a row, at least. */
  readonly messages: number;
  /** Messages a second. */
  readonly rate: number;
};

/** One message to send; what is not given is that of a good one. */
export type Order = { readonly key?: string; readonly value?: Buffer | string | null; readonly href?: string };

export const PARTITIONS = 4;
export const LANES = 16;
export const SESSION_SECONDS = 6;
export const COMMIT_SECONDS = 0.1;
const SETTLE_SECONDS = 180;
const WATCH_MILLISECONDS = 250;

/** What a disaster is played on: topics of its own, members, a steady feed, and an eye on the group's commits. */
export class Stage {
  readonly parts: StageParts;
  readonly topics: KafkaTopics;
  readonly members = new Set<Member>();
  readonly sent: Sent[] = [];
  readonly #kafka: Kafka;
  readonly #producer: Producer;
  readonly #commits: Commits[] = [];
  readonly #settings: Readonly<Record<string, string>>;
  #watching = true;
  #watch = Promise.resolve();

  /** @param settings more of a member's environment */
  constructor(parts: StageParts, settings: Readonly<Record<string, string>> = {}) {
    this.parts = parts;
    const brokers = [...parts.brokers];
    this.#kafka = new Kafka({
      brokers,
      logLevel: kafkajs.logLevel.NOTHING,
      retry: { retries: 200, maxRetryTime: 1000 },
    });
    this.topics = new KafkaTopics(brokers);
    // A message that the feed itself repeats would be judged as repeated by the service.
    const once = { idempotent: true, maxInFlightRequests: 1 };
    this.#producer = this.#kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, ...once });
    this.#settings = settings;
  }

  get input(): string {
    return `${this.parts.name}-in`;
  }
  get output(): string {
    return `${this.parts.name}-out`;
  }
  get deadLetters(): string {
    return `${this.parts.name}-dead`;
  }

  /** @param outputPartitions one, where the order of events is to be judged */
  async open({
    members,
    outputPartitions = PARTITIONS,
  }: {
    members: number;
    outputPartitions?: number;
  }): Promise<void> {
    // The brokers of a cluster do not all know of it at once.
    const made = async () => {
      await this.topics.create([this.input, this.deadLetters], PARTITIONS);
      await this.topics.create([this.output], outputPartitions);
      return true;
    };
    await until('the topics', made);
    await this.#producer.connect();
    for (let n = 0; n < members; n += 1) await this.join();
    this.#watch = this.#watchCommits();
  }

  /** Starts one more member, and waits until it is ready. */
  async join(more: Readonly<Record<string, string>> = {}, around: readonly string[] = []): Promise<Member> {
    const member = await Member.start({ ...this.#environment(), ...this.#settings, ...more }, around);
    this.members.add(member);
    try {
      await member.untilReady();
    } catch (error) {
      await this.leave(member, (member) => member.kill());
      throw error;
    }
    return member;
  }

  /** Lets a member go, however. */
  async leave<T>(member: Member, how: (member: Member) => Promise<T>): Promise<T> {
    this.members.delete(member);
    return how(member);
  }

  async send(orders: readonly Order[]): Promise<void> {
    const messages = orders.map((order) => {
      const id = `${this.parts.name}-${this.sent.length}`;
      const { key = id, href = `${this.parts.stores.usual}/scene-00000.tif` } = order;
      const value = order.value === undefined ? JSON.stringify({ href, id }) : order.value;
      this.sent.push({ id, key, at: Date.now() });
      return { key, value, headers: { chaos: id } };
    });
    await this.#producer.send({ topic: this.input, messages, acks: -1 });
  }

  /**
   * Sends messages at the steady rate, whatever becomes of them, until there are enough and the disaster is over.
   * @param order of the nth message
   */
  async feed(disaster: Promise<unknown>, order: (n: number) => Order = () => ({})): Promise<void> {
    const { rate, messages } = this.parts;
    const under: Promise<void>[] = [];
    let isOver = false;
    const over = disaster.finally(() => {
      isOver = true;
    });
    over.catch(() => {});
    const since = performance.now();
    for (let n = 0; !isOver || n < messages; n += 1) {
      await sleep(Math.max(0, since + (1000 * n) / rate - performance.now()));
      const sending = this.send([order(n)]);
      sending.catch(() => {}); // told at the end
      under.push(sending);
    }
    await Promise.all([...under, over]);
  }

  /** Waits until everything that was sent is committed as done; gives up after a while: what is lost is judged. */
  async settle(): Promise<void> {
    const end = performance.now() + 1000 * SETTLE_SECONDS;
    const isDone = async () => (await this.committed()) >= (await this.topics.count(this.input));
    while (performance.now() < end) {
      if (await isDone().catch(() => false)) return;
      await sleep(200);
    }
  }

  committed(): Promise<number> {
    return this.topics.committed(this.input, this.parts.name);
  }

  /** Seconds until more is done than now. */
  async progress(): Promise<number> {
    const since = performance.now();
    let before: number | undefined;
    await until('progress', async () => {
      const now = await this.topics.count(this.output); // fails while its broker is away
      before ??= now;
      return now > before;
    });
    return (performance.now() - since) / 1000;
  }

  /** What the topics hold, read from their beginning. */
  async find(): Promise<Found> {
    const topics = [this.input, this.output, this.deadLetters].map((topic) => this.#read(topic));
    const [input = [], events = [], letters = []] = await Promise.all(topics);
    const arrived = new Map<string, number>();
    for (const { headers } of input) {
      const id = String(headers['chaos']);
      arrived.set(id, (arrived.get(id) ?? 0) + 1);
    }
    return {
      // While brokers die kafkajs may confuse two sends of its idempotent producer: then one is in the topic twice, and the
      // other, whose sequence number it had, was dropped and is told as sent. Neither is of the service's doing.
      sent: this.sent.filter(({ id }) => arrived.has(id)).map((one) => ({ ...one, copies: arrived.get(one.id) ?? 1 })),
      answers: events.map(answer),
      // Of a message that is too large for its topic the key is left.
      letters: letters.map(({ headers, key }) => String(headers['chaos'] ?? key)),
      commits: this.#commits,
    };
  }

  /** How many dead letters have which code. */
  async codes(): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { headers } of await this.#read(this.deadLetters)) {
      const code = String(headers['saccade_code']);
      counts[code] = (counts[code] ?? 0) + 1;
    }
    return counts;
  }

  /** Ends what is left of it. */
  async close(): Promise<void> {
    this.#watching = false;
    await this.#watch;
    await Promise.all([...this.members].map((member) => member.kill()));
    await this.#producer.disconnect();
  }

  async #read(topic: string): Promise<TopicRecord[]> {
    const found: TopicRecord[] = [];
    const settings = { brokers: this.parts.brokers, topic, group: 'judge' };
    const { signal } = new AbortController();
    await readTopic(settings, { log() {}, signal }, (record) => void found.push(record));
    return found;
  }

  async #watchCommits(): Promise<void> {
    const admin = this.#kafka.admin();
    await admin.connect();
    while (this.#watching) {
      const found = await admin.fetchOffsets({ groupId: this.parts.name, topics: [this.input] }).catch(() => []);
      const partitions = (found[0]?.partitions ?? []).toSorted((a, b) => a.partition - b.partition);
      if (partitions.length > 0) this.#commits.push(partitions.map(({ offset }) => Number(offset)));
      await sleep(WATCH_MILLISECONDS);
    }
    await admin.disconnect();
  }

  #environment(): Record<string, string> {
    return {
      SACCADE_KAFKA_BROKERS: this.parts.brokers.join(','),
      SACCADE_KAFKA_INPUT_TOPIC: this.input,
      SACCADE_KAFKA_OUTPUT_TOPIC: this.output,
      SACCADE_KAFKA_DEAD_LETTER_TOPIC: this.deadLetters,
      SACCADE_KAFKA_GROUP: this.parts.name,
      SACCADE_KAFKA_SESSION_SECONDS: String(SESSION_SECONDS),
      SACCADE_KAFKA_COMMIT_SECONDS: String(COMMIT_SECONDS),
      SACCADE_MODEL: this.parts.model,
      SACCADE_BACKEND: 'wasm',
      SACCADE_THREADS: '1',
      SACCADE_LANES: String(LANES),
      SACCADE_SOURCES_ALLOW_PRIVATE: 'true',
      SACCADE_DEADLINE_SECONDS_OPEN: '5',
      SACCADE_DEADLINE_SECONDS_FETCH: '5',
      SACCADE_RETRY_ATTEMPTS: '2',
      SACCADE_RETRY_BASE_SECONDS: '0.2',
      SACCADE_LOG_LEVEL: 'warn',
    };
  }
}

function answer({ value, headers, timestamp }: TopicRecord): Answer {
  const { id } = JSON.parse(String(value)) as { id: string };
  return { id, eventId: String(headers['ce_id']), at: timestamp };
}
