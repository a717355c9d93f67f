import {
  type Consumer,
  type ConsumerCrashEvent,
  type EachBatchPayload,
  type Kafka,
  type KafkaMessage,
  PartitionAssigners,
} from 'kafkajs';
import type { LogKafka } from '../../../kafka.ts';
import type { Delivery } from '../../../scene.ts';
import { within } from '../../../within.ts';
import { restoreMessage } from '../restore-message.ts';
import { ConsumerPulse } from './consumer-pulse.ts';
import { DeliveryQueue } from './delivery-queue.ts';
import { GroupMembership } from './group-membership.ts';
import type { Partition } from './group-partitions.ts';
import { type DeliveryParts, KafkaDelivery } from './kafka-delivery.ts';
import type { KafkaFigures, KafkaHealth, KafkaMessages, KafkaMessagesSettings } from './kafka-messages.ts';
import { notBefore } from './not-before.ts';
import { PartitionEnds } from './partition-ends.ts';
import { PartitionPauses } from './partition-pauses.ts';

/** Milliseconds between two heartbeats, for each second of a session. */
const HEARTBEATS = 100;
/** kafkajs sleeps this long when all is paused, and resuming does not wake it. */
const PAUSED_MILLISECONDS = 250;
/** A message that comes is answered at once; while none does, each fetch costs a millisecond or two of a core. */
const IDLE_MILLISECONDS = 500;
const MAX_BYTES_PER_PARTITION = 262_144;
/** While a broker is away there is no heartbeat between two tries, and the group of a short session gives us up. */
const FETCH_RETRY = { initialRetryTime: 300, retries: 25, maxRetryTime: 1000 };
/** Lag that is told may be so old. */
const SECONDS_BETWEEN_ENDS = 15;
/** For the last commit and for leaving the group. */
const FAREWELL_SECONDS = 15;

/** While every partition has enough at hand the next fetch is put off, but for no longer than this. */
const PATIENCE_MILLISECONDS = 1000;

/**
 * Fills a short queue from Kafka. What a fetch brings is put into the inbox of its partition and begun as there is room;
 * a partition whose inbox is full is paused. So the handler of kafkajs never waits for work while any partition wants
 * more: that would hold up heartbeats and every other partition of the broker.
 */
export class KafkaIntake implements KafkaMessages {
  readonly #consumer: Consumer;
  readonly #settings: KafkaMessagesSettings;
  readonly #topics: readonly string[];
  readonly #log: LogKafka;
  readonly #queue: DeliveryQueue<Partition, KafkaDelivery>;
  readonly #member: GroupMembership;
  readonly #pulse = new ConsumerPulse();
  readonly #pauses: PartitionPauses;
  readonly #ends: PartitionEnds;
  readonly #deliveryParts: DeliveryParts;
  #joined = false;
  #stopped = false;
  #assignments = 0;
  #ending = false;

  constructor(kafka: Kafka, settings: KafkaMessagesSettings, log: LogKafka) {
    const { sessionSeconds, inputTopic, moreTopics = {}, group } = settings;
    this.#settings = settings;
    this.#topics = [inputTopic, ...Object.values(moreTopics)];
    this.#log = log;
    this.#queue = new DeliveryQueue(settings.ordering);
    this.#member = new GroupMembership(
      {
        group,
        patienceSeconds: sessionSeconds / 2,
        isStale: () => this.#pulse.secondsSinceHeartbeat > 0.8 * sessionSeconds,
        lost: (partition) => this.#queue.forget(partition),
        fetchMilliseconds: () => this.#fetchMilliseconds(),
      },
      log,
    );
    this.#deliveryParts = {
      gate: this.#member.gate,
      finished: (delivery) => this.#finished(delivery),
      moved: (delivery, waits) => this.#moved(delivery, waits),
    };
    this.#consumer = kafka.consumer(this.#options());
    const patienceMilliseconds = Math.min(PATIENCE_MILLISECONDS, HEARTBEATS * sessionSeconds);
    const due = (partition: Partition) => this.#begin(partition);
    this.#pauses = new PartitionPauses(this.#consumer, { patienceMilliseconds, due }, log);
    this.#ends = new PartitionEnds(kafka.admin(), this.#topics, this.#member.partitions, log);
  }

  async start(): Promise<void> {
    const consumer = this.#consumer;
    this.#pulse.listen(consumer, () => this.#member.gate.wake());
    // Comes after the partitions were given, and before the first fetch of them.
    consumer.on(consumer.events.GROUP_JOIN, () => this.#join());
    consumer.on(consumer.events.CRASH, ({ payload }) => this.#crash(payload));
    await consumer.connect();
    await consumer.subscribe({ topics: [...this.#topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 64, // the handler hardly waits, so this is no more than not in turn
      eachBatch: (payload) => this.#take(payload),
    });
    this.#member.commits.every(this.#settings.commitSeconds);
    this.#ends.every(SECONDS_BETWEEN_ENDS);
  }

  [Symbol.asyncIterator](): AsyncIterator<Delivery, undefined> {
    return this.#queue;
  }

  health(): KafkaHealth {
    const { secondsSinceHeartbeat, secondsSinceSign } = this.#pulse;
    return { joined: this.#joined, secondsSinceHeartbeat, secondsSinceSign, stopped: this.#stopped };
  }

  figures(): KafkaFigures {
    const partitions = [...this.#member.partitions];
    const name = ({ topic, id }: Partition) => (topic === this.#settings.inputTopic ? id : `${topic}[${id}]`);
    return {
      lag: new Map(partitions.map((partition) => [name(partition), lagOf(partition)])),
      pausedPartitions: partitions.filter(({ paused }) => paused).length,
      assignments: this.#assignments,
      failedCommits: this.#member.commits.failed,
      lastHeartbeat: this.#pulse.lastHeartbeat,
    };
  }

  hold(on: boolean): void {
    if (this.#ending) return;
    this.#pauses.hold(on);
    for (const partition of this.#member.partitions) this.#begin(partition);
  }

  end(): void {
    if (this.#ending) return;
    this.hold(true);
    this.#ending = true;
    this.#queue.end();
  }

  async close(): Promise<void> {
    this.end();
    const { commits } = this.#member;
    commits.stop();
    try {
      await within(FAREWELL_SECONDS, commits.flush(), 'committing the last offsets');
    } finally {
      const farewell = Promise.all([this.#consumer.disconnect(), this.#ends.close()]);
      await within(FAREWELL_SECONDS, farewell, 'leaving the consumer group');
    }
  }

  #options() {
    const { group, sessionSeconds } = this.#settings;
    return {
      groupId: group,
      sessionTimeout: 1000 * sessionSeconds,
      heartbeatInterval: HEARTBEATS * sessionSeconds,
      rebalanceTimeout: 2000 * sessionSeconds,
      maxWaitTimeInMs: PAUSED_MILLISECONDS,
      // Messages only point at scenes; what a pause leaves over is fetched again.
      maxBytesPerPartition: MAX_BYTES_PER_PARTITION,
      allowAutoTopicCreation: false,
      // Round robin is what members of an earlier version speak.
      partitionAssigners: [this.#member.assigner, PartitionAssigners.roundRobin],
      // Comes back from every outage, but not after it was let go of: a crash meanwhile would restart it.
      retry: { ...FETCH_RETRY, restartOnFailure: async () => !this.#ending },
    };
  }

  /** A partition that is resumed has to wait for the fetch that is under way without it. */
  #fetchMilliseconds(): number {
    for (const { paused } of this.#member.partitions) if (paused) return PAUSED_MILLISECONDS;
    return IDLE_MILLISECONDS;
  }

  #join(): void {
    const partitions = [...this.#member.partitions];
    this.#joined = true;
    this.#assignments += 1;
    this.#pulse.beat();
    this.#log('info', 'joined the consumer group', { partitions: partitions.map(({ id }) => id) });
    for (const { inbox } of partitions) inbox.clear(); // kafkajs has gone back to what is committed
    this.#pauses.renew(partitions);
    this.#member.gate.open();
  }

  #crash({ error, restart }: ConsumerCrashEvent['payload']): void {
    this.#joined = false;
    if (restart || this.#ending) return;
    this.#stopped = true;
    // kafkajs has given up, for one on a codec that it cannot read, and would leave the process idle for ever.
    this.#queue.end(new Error(`the Kafka consumer has stopped for good: ${error.message}`, { cause: error }));
  }

  /** Resolving an offset moves the position of the next fetch, and commits nothing. */
  async #take({ batch, resolveOffset, isRunning, isStale }: EachBatchPayload): Promise<void> {
    const partition = this.#member.partitions.get(batch.topic, batch.partition);
    if (partition === undefined || this.#ending || !isRunning() || isStale()) return;
    partition.end = Number(batch.highWatermark);
    partition.inbox.add(batch.messages, Number(batch.lastOffset()) + 1);
    resolveOffset(batch.lastOffset());
    this.#begin(partition);
    await this.#pauses.wanted(this.#member.partitions);
  }

  /** Begins what there is room for, and decides anew whether more is fetched. */
  #begin(partition: Partition): void {
    if (partition.lost.signal.aborted) return;
    const { inbox, tracker } = partition;
    for (let message = inbox.first; message && this.#mayBegin(message, partition); message = inbox.first) {
      inbox.shift();
      if (tracker.accept(Number(message.offset))) this.#queue.push(this.#delivery(message, partition));
    }
    // Without this the committed offset would stay one short of the end, where a transaction's marker is.
    if (inbox.end !== undefined) tracker.skipTo(inbox.end);
    this.#pauses.review(partition);
    this.#member.commits.soon();
  }

  #mayBegin({ headers }: KafkaMessage, partition: Partition): boolean {
    const { tracker, aside } = partition;
    const isFull = tracker.inFlight - aside >= this.#settings.prefetch || !tracker.hasRoom;
    if (this.#pauses.held || isFull) return false;
    return !this.#pauses.isEarly(partition, notBefore(headers));
  }

  #delivery({ key, value, headers = {}, offset, timestamp }: KafkaMessage, partition: Partition): KafkaDelivery {
    const { topic, id } = partition;
    const kafka = { topic, partition: id, offset, timestamp: Number(timestamp) };
    const found = { key, value, headers, origin: `${topic}[${id}]@${offset}`, kafka };
    const message = topic === this.#settings.inputTopic ? found : restoreMessage(found);
    const orderKey = this.#settings.ordering === 'key' ? key?.toString('latin1') : undefined;
    return new KafkaDelivery(message, { partition, offset: Number(offset), key: orderKey }, this.#deliveryParts);
  }

  #finished(delivery: KafkaDelivery): void {
    const { partition, offset } = delivery;
    partition.tracker.finish(offset);
    this.#queue.release(delivery);
    this.#begin(partition);
  }

  #moved(delivery: KafkaDelivery, waits: boolean): void {
    const { partition } = delivery;
    partition.aside += waits ? 1 : -1;
    this.#queue.aside(delivery, waits);
    if (waits) this.#begin(partition);
  }
}

function lagOf({ tracker, end = 0 }: Partition): number {
  return Math.max(0, end - (tracker.watermark ?? end));
}
