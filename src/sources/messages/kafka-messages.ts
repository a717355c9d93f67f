import {
  type Consumer,
  type ConsumerCrashEvent,
  type ConsumerGroupJoinEvent,
  type EachBatchPayload,
  Kafka,
  type KafkaConfig,
  type KafkaMessage,
} from 'kafkajs';
import { kafkaClientOptions, kafkaRetry, type LogKafka } from '../../kafka.ts';
import { requireTopics } from '../../require-topics.ts';
import type { Delivery } from '../../scene.ts';
import { within } from '../../within.ts';
import { AssignedPartitions, type Partition } from './assigned-partitions.ts';
import { DeliveryQueue } from './delivery-queue.ts';
import { KafkaCommits } from './kafka-commits.ts';
import { KafkaEnds } from './kafka-ends.ts';
import { stopIdleTimer } from './kafka-idle-timer.ts';
import type { MessageSource } from './message-source.ts';

export type KafkaMessagesSettings = {
  readonly brokers: readonly string[];
  readonly group: string;
  readonly inputTopic: string;
  readonly sessionSeconds: number;
  readonly commitSeconds: number;
  /** For the first answer of a broker. */
  readonly connectSeconds: number;
  /** Messages of one partition that are held at once, begun or waiting for a lane. */
  readonly prefetch: number;
};

/** Whether messages can come: the group was joined, and its coordinator has heard of us lately. */
export type KafkaHealth = {
  readonly joined: boolean;
  readonly secondsSinceHeartbeat: number;
  /** kafkajs has given up, and will not come back. */
  readonly stopped: boolean;
};

export type KafkaFigures = {
  /** Messages that are not finished yet, by partition. */
  readonly lag: ReadonlyMap<number, number>;
  readonly pausedPartitions: number;
  /** Times that the group gave out its partitions, the first included. */
  readonly assignments: number;
  readonly failedCommits: number;
  /** In seconds since 1970. */
  readonly lastHeartbeat: number;
};

export type KafkaMessages = MessageSource & { health(): KafkaHealth; figures(): KafkaFigures };

type QueuedDelivery = Delivery & { readonly partition: Partition };

const MAX_WAIT_MILLISECONDS = 200;
const MAX_BYTES_PER_PARTITION = 262_144;
/** Lag that is told may be so old. */
const SECONDS_BETWEEN_ENDS = 15;
/** For the last commit and for leaving the group. */
const FAREWELL_SECONDS = 15;

/**
 * Takes scene messages from a topic, at least once each. kafkajs is only allowed to fill a short queue: its handler
 * never waits for work, since that would hold up heartbeats and every other partition of the broker. Offsets are
 * committed by us, up to the first unfinished message of each partition that is ours at that moment.
 *
 * @param signal while it starts: the first answer of a broker is no longer waited for
 * @throws {UsageError} when the topic does not exist; another error when no broker answers; the signal's reason
 */
export async function kafkaMessages(
  settings: KafkaMessagesSettings,
  { log, signal }: { log: LogKafka; signal: AbortSignal },
): Promise<KafkaMessages> {
  stopIdleTimer();
  const { brokers, connectSeconds, inputTopic } = settings;
  const adminOf = (options: KafkaConfig) => new Kafka(options).admin();
  await requireTopics(adminOf, { 'kafka.inputTopic': inputTopic }, { brokers, connectSeconds, log, signal });
  const intake = new Intake(new Kafka(kafkaClientOptions(brokers, log)), settings, log);
  await intake.start();
  return intake;
}

class Intake implements KafkaMessages {
  readonly #consumer: Consumer;
  readonly #settings: KafkaMessagesSettings;
  readonly #log: LogKafka;
  readonly #queue = new DeliveryQueue<QueuedDelivery>();
  readonly #partitions = new AssignedPartitions();
  #joined = false;
  #stopped = false;
  #assignments = 0;
  #lastHeartbeat = performance.now();
  #ending = false;
  readonly #commits: KafkaCommits;
  readonly #ends: KafkaEnds;

  constructor(kafka: Kafka, settings: KafkaMessagesSettings, log: LogKafka) {
    this.#consumer = kafka.consumer({
      groupId: settings.group,
      sessionTimeout: 1000 * settings.sessionSeconds,
      heartbeatInterval: 100 * settings.sessionSeconds,
      rebalanceTimeout: 2000 * settings.sessionSeconds,
      // kafkajs sleeps this long when all is paused, and resuming does not wake it.
      maxWaitTimeInMs: MAX_WAIT_MILLISECONDS,
      // Messages only point at scenes; what a pause leaves over is fetched again.
      maxBytesPerPartition: MAX_BYTES_PER_PARTITION,
      allowAutoTopicCreation: false,
      // Comes back from every outage, but not after it was let go of: a crash meanwhile would restart it.
      retry: { ...kafkaRetry, restartOnFailure: async () => !this.#ending },
    });
    this.#settings = settings;
    this.#log = log;
    this.#commits = new KafkaCommits(this.#consumer, settings.inputTopic, this.#partitions, log);
    this.#ends = new KafkaEnds(kafka.admin(), settings.inputTopic, this.#partitions, log);
  }

  async start(): Promise<void> {
    const consumer = this.#consumer;
    const { GROUP_JOIN, HEARTBEAT, CRASH } = consumer.events;
    // The only hook that comes with the whole assignment and before the first fetch of it.
    consumer.on(GROUP_JOIN, ({ payload }) => this.#join(payload));
    consumer.on(HEARTBEAT, () => {
      this.#lastHeartbeat = performance.now();
    });
    consumer.on(CRASH, ({ payload }) => this.#crash(payload));
    await consumer.connect();
    await consumer.subscribe({ topics: [this.#settings.inputTopic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 64, // the handler never waits, so this is no more than not in turn
      eachBatch: async (payload) => this.#enqueue(payload),
    });
    this.#commits.every(this.#settings.commitSeconds);
    this.#ends.every(SECONDS_BETWEEN_ENDS);
  }

  [Symbol.asyncIterator](): AsyncIterator<Delivery, undefined> {
    return this.#queue;
  }

  health(): KafkaHealth {
    const secondsSinceHeartbeat = (performance.now() - this.#lastHeartbeat) / 1000;
    return { joined: this.#joined, secondsSinceHeartbeat, stopped: this.#stopped };
  }

  figures(): KafkaFigures {
    const partitions = [...this.#partitions];
    return {
      lag: new Map(partitions.map((partition) => [partition.id, lagOf(partition)])),
      pausedPartitions: partitions.filter(({ paused }) => paused).length,
      assignments: this.#assignments,
      failedCommits: this.#commits.failed,
      lastHeartbeat: (performance.timeOrigin + this.#lastHeartbeat) / 1000,
    };
  }

  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    for (const partition of this.#partitions) this.#pause(partition);
    this.#queue.end();
  }

  async close(): Promise<void> {
    this.end();
    try {
      await within(FAREWELL_SECONDS, this.#commits.finish(), 'committing the last offsets');
    } finally {
      const farewell = Promise.all([this.#consumer.disconnect(), this.#ends.close()]);
      await within(FAREWELL_SECONDS, farewell, 'leaving the consumer group');
    }
  }

  #join({ memberId, memberAssignment }: ConsumerGroupJoinEvent['payload']): void {
    this.#partitions.assign(memberId, memberAssignment[this.#settings.inputTopic] ?? []);
    this.#queue.drop(({ partition }) => !this.#partitions.isOurs(partition));
    this.#joined = true;
    this.#assignments += 1;
    this.#log('info', 'joined the consumer group', { partitions: [...this.#partitions].map(({ id }) => id) });
    this.#lastHeartbeat = performance.now();
    // Pauses outlive a rebalance but not a restart of the consumer, so they are set anew either way.
    for (const partition of this.#partitions) {
      if (this.#ending) this.#pause(partition);
      else this.#resume(partition);
    }
  }

  #crash({ error, restart }: ConsumerCrashEvent['payload']): void {
    this.#joined = false;
    if (restart || this.#ending) return;
    this.#stopped = true;
    // kafkajs has given up, for one on a codec that it cannot read, and would leave the process idle for ever.
    this.#queue.end(new Error(`the Kafka consumer has stopped for good: ${error.message}`, { cause: error }));
  }

  /** Only fills the queue. Resolving an offset moves the position of the next fetch, and commits nothing. */
  #enqueue({ batch, resolveOffset, isRunning, isStale }: EachBatchPayload): void {
    const partition = this.#partitions.get(batch.partition);
    if (partition === undefined) return;
    partition.end = BigInt(batch.highWatermark);
    for (const message of batch.messages) {
      if (this.#ending || !isRunning() || isStale()) return;
      if (partition.tracker.inFlight >= this.#settings.prefetch) {
        this.#pause(partition);
        return;
      }
      if (partition.tracker.accept(BigInt(message.offset))) this.#queue.push(this.#delivery(message, partition));
      resolveOffset(message.offset);
    }
    // A transaction's marker is no message: without this the committed offset would stay one short of the end.
    partition.tracker.skipTo(BigInt(batch.lastOffset()) + 1n);
  }

  #delivery({ key, value, headers = {}, offset, timestamp }: KafkaMessage, partition: Partition): QueuedDelivery {
    const topic = this.#settings.inputTopic;
    const kafka = { topic, partition: partition.id, offset, timestamp: Number(timestamp) };
    return {
      message: { key, value, headers, origin: `${topic}[${partition.id}]@${offset}`, kafka },
      partition,
      settle: () => {
        if (!partition.tracker.finish(BigInt(offset))) return;
        const low = Math.floor(this.#settings.prefetch / 2);
        if (partition.paused && partition.tracker.inFlight <= low && !this.#ending) this.#resume(partition);
      },
    };
  }

  #pause(partition: Partition): void {
    partition.paused = true;
    this.#tell('pause', partition);
  }

  #resume(partition: Partition): void {
    if (!this.#partitions.isOurs(partition)) return;
    partition.paused = false;
    this.#tell('resume', partition);
  }

  /** kafkajs throws between a crash and its restart; joining the group sets all pauses anew. */
  #tell(what: 'pause' | 'resume', { id }: Partition): void {
    try {
      this.#consumer[what]([{ topic: this.#settings.inputTopic, partitions: [id] }]);
    } catch (error) {
      this.#log('debug', `cannot ${what} partition ${id} at the moment`, { error });
    }
  }
}

function lagOf({ tracker, end }: Partition): number {
  return Number((end ?? 0n) - (tracker.watermark ?? end ?? 0n));
}
