import { type Consumer, type ConsumerCrashEvent, type Kafka, PartitionAssigners } from 'kafkajs';
import { kafkaRetry, type LogKafka } from '../../../kafka.ts';
import type { Delivery } from '../../../scene.ts';
import { within } from '../../../within.ts';
import { ConsumerPulse } from './consumer-pulse.ts';
import { GroupMembership } from './group-membership.ts';
import type { Partition } from './group-partitions.ts';
import { KafkaIntake } from './kafka-intake.ts';
import type { KafkaFigures, KafkaHealth, KafkaMessages, KafkaMessagesSettings } from './kafka-messages.ts';
import { PartitionEnds } from './partition-ends.ts';

/** Milliseconds between two heartbeats, for each second of a session. */
const HEARTBEATS = 100;
/** kafkajs sleeps this long when all is paused, and resuming does not wake it. */
const PAUSED_MILLISECONDS = 250;
/** A message that comes is answered at once; while none does, each fetch costs a millisecond or two of a core. */
const IDLE_MILLISECONDS = 500;
const MAX_BYTES_PER_PARTITION = 262_144;
/** Lag that is told may be so old. */
const SECONDS_BETWEEN_ENDS = 15;
/** For the last commit and for leaving the group. */
const FAREWELL_SECONDS = 15;

/** While every partition has enough at hand the next fetch is put off, but for no longer than this. */
const PATIENCE_MILLISECONDS = 1000;

/** A member of the consumer group, from joining it to leaving it: its consumer, and how that one fares. */
export class KafkaMember implements KafkaMessages {
  readonly #consumer: Consumer;
  readonly #settings: KafkaMessagesSettings;
  readonly #topics: readonly string[];
  readonly #log: LogKafka;
  readonly #membership: GroupMembership;
  readonly #intake: KafkaIntake;
  readonly #pulse = new ConsumerPulse();
  readonly #ends: PartitionEnds;
  #joined = false;
  #stopped = false;
  #assignments = 0;
  #ending = false;

  constructor(kafka: Kafka, settings: KafkaMessagesSettings, log: LogKafka) {
    const { sessionSeconds, inputTopic, moreTopics = {}, group, fence } = settings;
    this.#settings = settings;
    const retryTopics = Object.values(moreTopics);
    this.#topics = [inputTopic, ...retryTopics.map(({ topic }) => topic)];
    this.#log = log;
    this.#membership = new GroupMembership(
      {
        group,
        patienceSeconds: sessionSeconds / 2,
        isStale: () => this.#pulse.secondsSinceHeartbeat > 0.8 * sessionSeconds,
        lost: (partition) => this.#intake.queue.forget(partition),
        fetchMilliseconds: () => this.#fetchMilliseconds(),
        joins: () => this.#assignments,
        ...(fence && { fence }),
      },
      log,
    );
    this.#consumer = kafka.consumer(this.#options());
    const patienceMilliseconds = Math.min(PATIENCE_MILLISECONDS, HEARTBEATS * sessionSeconds);
    const parts = { consumer: this.#consumer, membership: this.#membership, log };
    this.#intake = new KafkaIntake(parts, { ...settings, retryTopics, patienceMilliseconds });
    this.#ends = new PartitionEnds(kafka.admin(), this.#topics, this.#membership.partitions, log);
  }

  async start(): Promise<void> {
    const consumer = this.#consumer;
    this.#pulse.listen(consumer, () => this.#membership.gate.wake());
    // Comes after the partitions were given, and before the first fetch of them.
    consumer.on(consumer.events.GROUP_JOIN, () => this.#join());
    consumer.on(consumer.events.CRASH, ({ payload }) => this.#crash(payload));
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      if (!this.#ending) this.#intake.passed(payload);
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [...this.#topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 64, // the handler hardly waits, so this is no more than not in turn
      eachBatch: async (payload) => (this.#ending ? undefined : this.#intake.take(payload)),
    });
    this.#membership.commits.every(this.#settings.commitSeconds);
    this.#ends.every(SECONDS_BETWEEN_ENDS);
  }

  [Symbol.asyncIterator](): AsyncIterator<Delivery, undefined> {
    return this.#intake.queue;
  }

  health(): KafkaHealth {
    const { secondsSinceHeartbeat, secondsSinceSign } = this.#pulse;
    return { joined: this.#joined, secondsSinceHeartbeat, secondsSinceSign, stopped: this.#stopped };
  }

  figures(): KafkaFigures {
    const partitions = [...this.#membership.partitions];
    const name = ({ topic, id }: Partition) => (topic === this.#settings.inputTopic ? id : `${topic}[${id}]`);
    return {
      lag: new Map(partitions.map((partition) => [name(partition), lagOf(partition)])),
      pausedPartitions: partitions.filter(({ paused }) => paused).length,
      assignments: this.#assignments,
      failedCommits: this.#membership.commits.failed,
      lastHeartbeat: this.#pulse.lastHeartbeat,
    };
  }

  hold(on: boolean): void {
    if (this.#ending) return;
    this.#intake.hold(on);
  }

  end(): void {
    if (this.#ending) return;
    this.hold(true);
    this.#ending = true;
    this.#intake.queue.end();
  }

  async close(): Promise<void> {
    this.end();
    const { commits } = this.#membership;
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
      partitionAssigners: [this.#membership.assigner, PartitionAssigners.roundRobin],
      // Comes back from every outage, but not after it was let go of: a crash meanwhile would restart it.
      retry: { ...kafkaRetry, restartOnFailure: async () => !this.#ending },
    };
  }

  /** A partition that is resumed has to wait for the fetch that is under way without it. */
  #fetchMilliseconds(): number {
    for (const { paused } of this.#membership.partitions) if (paused) return PAUSED_MILLISECONDS;
    return IDLE_MILLISECONDS;
  }

  #join(): void {
    const partitions = [...this.#membership.partitions];
    this.#joined = true;
    this.#assignments += 1;
    this.#pulse.beat();
    this.#log('info', 'joined the consumer group', { partitions: partitions.map(({ id }) => id) });
    this.#intake.startOver();
    this.#membership.gate.open();
  }

  #crash({ error, restart }: ConsumerCrashEvent['payload']): void {
    this.#joined = false;
    if (restart || this.#ending) return;
    this.#stopped = true;
    // kafkajs has given up, for one on a codec that it cannot read, and would leave the process idle for ever.
    this.#intake.queue.end(new Error(`the Kafka consumer has stopped for good: ${error.message}`, { cause: error }));
  }
}

function lagOf({ tracker, end = 0 }: Partition): number {
  return Math.max(0, end - (tracker.watermark ?? end));
}
