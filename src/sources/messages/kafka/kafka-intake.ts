import type { Batch, Consumer, ConsumerEndBatchProcessEvent, EachBatchPayload, KafkaMessage } from 'kafkajs';
import type { LogKafka } from '../../../kafka.ts';
import type { RetryTopic } from '../../../retry-topics.ts';
import { restoreMessage } from '../restore-message.ts';
import { DeliveryQueue } from './delivery-queue.ts';
import type { GroupMembership } from './group-membership.ts';
import type { Partition } from './group-partitions.ts';
import { type DeliveryParts, KafkaDelivery } from './kafka-delivery.ts';
import type { Ordering } from './lane-order.ts';
import { NotBefore } from './not-before.ts';
import { PartitionPauses } from './partition-pauses.ts';

export type IntakeParts = {
  readonly consumer: Pick<Consumer, 'pause' | 'resume'>;
  readonly membership: Pick<GroupMembership, 'partitions' | 'commits' | 'gate'>;
  readonly log: LogKafka;
};

export type IntakeSettings = {
  readonly inputTopic: string;
  /** Topics whose messages may have to wait. */
  readonly retryTopics: readonly RetryTopic[];
  /** Messages of one partition that are held at once, begun or waiting for a lane. */
  readonly prefetch: number;
  readonly ordering: Ordering;
  /** How long a fetch may be put off while every partition has enough at hand. */
  readonly patienceMilliseconds: number;
};

type Passed = Pick<
  ConsumerEndBatchProcessEvent['payload'],
  'topic' | 'partition' | 'batchSize' | 'firstOffset' | 'lastOffset' | 'highWatermark'
>;
/** Its own types leave out what the fetch had asked for. */
type FetchedBatch = Batch & { readonly fetchedOffset?: string };

/**
 * Fills a short queue from what is fetched. That is put into the inbox of its partition and begun as there is room; a
 * partition whose inbox is full is paused. So the handler of kafkajs never waits for work while any partition wants
 * more: that would hold up heartbeats and every other partition of the broker.
 */
export class KafkaIntake {
  readonly queue: DeliveryQueue<Partition, KafkaDelivery>;
  readonly #parts: IntakeParts;
  readonly #settings: IntakeSettings;
  readonly #pauses: PartitionPauses;
  readonly #deliveryParts: DeliveryParts;
  readonly #notBefore: NotBefore;

  constructor(parts: IntakeParts, settings: IntakeSettings) {
    const { patienceMilliseconds, ordering } = settings;
    this.#parts = parts;
    this.#settings = settings;
    this.queue = new DeliveryQueue(ordering);
    this.#notBefore = new NotBefore(settings.retryTopics);
    this.#deliveryParts = {
      gate: parts.membership.gate,
      finished: (delivery) => this.#finished(delivery),
      moved: (delivery, waits) => this.#moved(delivery, waits),
    };
    const due = (partition: Partition) => this.#begin(partition);
    this.#pauses = new PartitionPauses(parts.consumer, { patienceMilliseconds, due }, parts.log);
  }

  /**
   * Takes in what a fetch has brought; resolves once more is wanted, or soon. Resolving an offset moves the position of
   * the next fetch, and commits nothing.
   */
  async take({ batch, resolveOffset, isRunning, isStale }: EachBatchPayload): Promise<void> {
    const { partitions } = this.#parts.membership;
    const known = partitions.get(batch.topic, batch.partition);
    if (known === undefined || !isRunning() || isStale()) return;
    const partition = known.outOfRange ? this.#fromBeginning(known, batch) : known;
    partition.end = Number(batch.highWatermark);
    const missing = this.#missing(partition, batch);
    if (missing !== undefined) return resolveOffset(String(missing - 1));
    partition.inbox.add(batch.messages, Number(batch.lastOffset()) + 1);
    resolveOffset(batch.lastOffset());
    this.#begin(partition);
    await this.#pauses.wanted(partitions);
  }

  /**
   * Goes past a fetch that held no messages, only marks of transactions or what was given up: kafkajs does not hand
   * these over, but moves its position on. Right after a join it may be of a fetch from before; the next one tells.
   */
  passed({ topic, partition: id, batchSize, firstOffset, lastOffset, highWatermark }: Passed): void {
    const partition = this.#parts.membership.partitions.get(topic, id);
    if (batchSize > 0 || partition === undefined || partition.outOfRange) return;
    const { inbox, tracker } = partition;
    const first = Number(firstOffset ?? lastOffset);
    if (inbox.reached === undefined && first > (tracker.next ?? first)) return;
    partition.end = Number(highWatermark);
    inbox.add([], Number(lastOffset) + 1);
    this.#begin(partition);
  }

  /** Begins nothing more while set. */
  hold(on: boolean): void {
    this.#pauses.hold(on);
    for (const partition of this.#parts.membership.partitions) this.#begin(partition);
  }

  /** The group has been joined: kafkajs has gone back to what is committed. */
  startOver(): void {
    const partitions = [...this.#parts.membership.partitions];
    for (const { inbox } of partitions) inbox.clear();
    this.#pauses.renew(partitions);
  }

  /**
   * A batch that was asked for before the group was joined again may come after it: what lies between had been fetched
   * and was forgotten, and is to be fetched again. Gaps between offsets look otherwise: there the fetch itself began
   * where the last one ended.
   * @returns where to go on in place of this batch, if it would leave a hole
   */
  #missing(partition: Partition, { fetchedOffset }: FetchedBatch): number | undefined {
    const { inbox, tracker } = partition;
    const from = Number(fetchedOffset);
    const expected = inbox.reached ?? tracker.next ?? from;
    if (from > expected) {
      inbox.add([], expected);
      return expected;
    }
    tracker.startAt(from);
    return undefined;
  }

  /**
   * The first that comes after kafkajs has gone to the beginning of the log. Either the log keeps no longer what was to
   * be read; or that is past its end, since the topic was made anew or its last messages were lost. Then offsets stand
   * for other messages than before, and every one of them is new.
   */
  #fromBeginning(partition: Partition, { fetchedOffset }: FetchedBatch): Partition {
    const from = Number(fetchedOffset);
    const { inbox, tracker, topic, id } = partition;
    const expected = inbox.reached ?? tracker.next ?? from;
    partition.outOfRange = false;
    if (from >= expected) {
      const where = { topic, id, expected, from };
      if (from > expected) this.#parts.log('warn', 'the log no longer keeps messages that were not read', where);
      inbox.add([], from);
      return partition;
    }
    this.#parts.log('warn', 'the log has begun anew: it is read from its beginning', { topic, id, expected, from });
    const renewed = this.#parts.membership.partitions.renew(partition);
    this.queue.forget(partition);
    this.#parts.membership.gate.wake(); // whoever waits to send what is lost
    return renewed;
  }

  /** Begins what there is room for, and decides anew whether more is fetched. */
  #begin(partition: Partition): void {
    if (partition.lost.signal.aborted) return;
    const { inbox, tracker } = partition;
    for (let message = inbox.first; message && this.#mayBegin(message, partition); message = inbox.first) {
      inbox.shift();
      if (tracker.accept(Number(message.offset))) this.queue.push(this.#delivery(message, partition));
    }
    // Without this the committed offset would stay one short of the end, where a transaction's marker is.
    if (inbox.end !== undefined) tracker.skipTo(inbox.end);
    this.#pauses.review(partition);
    this.#parts.membership.commits.soon();
  }

  #mayBegin(message: KafkaMessage, partition: Partition): boolean {
    const { tracker, aside } = partition;
    const isFull = tracker.inFlight - aside >= this.#settings.prefetch || !tracker.hasRoom;
    if (this.#pauses.held || isFull) return false;
    return !this.#pauses.isEarly(partition, this.#notBefore.of(message, partition.topic));
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
    this.queue.release(delivery);
    this.#begin(partition);
  }

  #moved(delivery: KafkaDelivery, waits: boolean): void {
    const { partition } = delivery;
    partition.aside += waits ? 1 : -1;
    this.queue.aside(delivery, waits);
    if (waits) this.#begin(partition);
  }
}
