import { setTimeout as sleep } from 'node:timers/promises';
import { type Admin, Kafka, type Producer } from 'kafkajs';
import type { Commit, PartitionName, Taken } from '../exactly-once.ts';
import { kafkaClientOptions, kafkaErrorType, type LogKafka } from '../kafka.ts';
import { within } from '../within.ts';
import { OnceRecord, sendOnlyWhatIsLeft } from './kafka-once-taken.ts';
import { partitioner } from './kafka-partitioner.ts';
import type { SentRecord } from './kafka-topic-sender.ts';

export type TransactionSettings = {
  readonly brokers: readonly string[];
  readonly group: string;
  /** That messages are taken from. */
  readonly input: PartitionName;
  /** For one try of a transaction, and as long the broker waits for its end before it undoes it. */
  readonly trySeconds: number;
  /** Reads what the group has committed. */
  readonly admin: Admin;
  /** @throws when the partition is no longer ours */
  readonly confirm: () => Promise<void>;
  readonly log: LogKafka;
};

/** An outcome on its way into a topic, and the message that it settles. */
export class Settling implements SentRecord {
  readonly key: SentRecord['key'];
  readonly value: SentRecord['value'];
  readonly headers: SentRecord['headers'];
  readonly timestamp?: string;
  readonly topic: string;
  readonly taken: Taken;
  /** Its transaction has been committed. */
  committed = false;

  constructor({ key, value, headers, timestamp }: SentRecord, topic: string, taken: Taken) {
    this.key = key;
    this.value = value;
    this.headers = headers;
    if (timestamp !== undefined) this.timestamp = timestamp;
    this.topic = topic;
    this.taken = taken;
  }

  /** Whether its message has gone to somebody else. */
  get lost(): boolean {
    return this.taken.partition.lost.signal.aborted;
  }

  /** Counted at once: the next commit of the partition must hold it. */
  settle(): void {
    this.committed = true;
    this.taken.partition.finish(this.taken.offset);
  }
}

/** To find coordinators and to connect: the end of the last transaction may be being written still. */
const RETRY = { initialRetryTime: 50, retries: 10, maxRetryTime: 1000 };
/**
 * Of records. Sent again, one without a key goes to another partition than before, where the broker does not know it: it
 * would be there twice, in one transaction.
 */
const NO_RETRY = { retries: 0 };
const CONCURRENT_MILLISECONDS = 10;
const LONGEST_SECONDS = 900;

/**
 * Commits outcomes and the offsets of their messages together, one transaction after the other, for one partition of the
 * input. Its transactional id is that of the partition, so whoever has the partition next shuts us out by the same id:
 * a broker does not compare a transaction's offsets with the generation of the group (kafkajs speaks version 1 of
 * TxnOffsetCommit, which cannot tell it).
 *
 * After a failure it may be unknown whether a transaction was committed. A new producer of the same id ends what is
 * open, and then what the group has committed says which it was.
 */
export class PartitionTransactions {
  readonly #settings: TransactionSettings;
  #producer: Producer | undefined;
  /** The transaction of which it is not known how it ended. */
  #doubt: { readonly parts: readonly Settling[]; readonly commit: Commit } | undefined;
  /** Counts what is asked of us: what took too long goes on by itself, and must find out that it is late. */
  #turn = 0;
  #closed = false;

  constructor(settings: TransactionSettings) {
    sendOnlyWhatIsLeft();
    this.#settings = settings;
  }

  /** Shuts out whoever had the partition before. */
  async open(): Promise<void> {
    const { trySeconds, input } = this.#settings;
    await within(trySeconds, this.#ready(), `beginning transactions of ${nameOf(input)}`);
  }

  /**
   * Resolves once all are committed; those that were already, or whose messages are no longer ours, are left out.
   * @throws when they are not, or nobody knows yet: they may be given again
   */
  async commit(parts: readonly Settling[]): Promise<void> {
    const { trySeconds, input } = this.#settings;
    if (parts.every(({ lost }) => lost)) return;
    await within(trySeconds, this.#commit(parts), `a transaction of ${nameOf(input)}`);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#turn += 1;
    await this.#drop();
  }

  async #commit(parts: readonly Settling[]): Promise<void> {
    const producer = await this.#ready();
    const left = parts.filter(({ committed, lost }) => !committed && !lost);
    const [first] = left;
    if (first === undefined) return;
    const commit = first.taken.partition.commitAfter(new Set(left.map(({ taken }) => taken.offset)));
    const doubt = { parts: left, commit };
    this.#doubt = doubt;
    try {
      await this.#transact(producer, left, commit);
    } catch (error) {
      if (this.#producer !== producer) await letGoOf(producer); // it was late, and may have connected anew
      throw error;
    }
    for (const part of left) part.settle();
    if (this.#doubt === doubt) this.#doubt = undefined;
  }

  async #transact(producer: Producer, parts: readonly Settling[], { offset, metadata }: Commit): Promise<void> {
    const { group, input } = this.#settings;
    const transaction = await producer.transaction();
    const place = { partition: input.id, offset: String(offset), metadata }; // its own types know no metadata
    const topics = [{ topic: input.topic, partitions: [place] }];
    await this.#onceEnded(producer, () => transaction.sendOffsets({ consumerGroupId: group, topics }));
    const records = parts.map((part) => [part.topic, new OnceRecord(part)] as const);
    const topicMessages = [...new Set(parts.map(({ topic }) => topic))].map((topic) => ({
      topic,
      messages: records.flatMap(([to, record]) => (to === topic ? [record] : [])),
    }));
    await transaction.sendBatch({ acks: -1, topicMessages });
    // kafkajs may call a send done that has left some out, where a leader has moved.
    if (records.some(([, { taken }]) => !taken)) throw new Error('a transaction was sent in part');
    await transaction.commit();
  }

  /** While the last transaction is being ended still, nothing of the next has been sent: it is only too early. */
  async #onceEnded(producer: Producer, begin: () => Promise<unknown>): Promise<void> {
    for (;;) {
      try {
        await begin();
        return;
      } catch (error) {
        if (kafkaErrorType(error) !== 'CONCURRENT_TRANSACTIONS' || this.#producer !== producer) throw error;
        await sleep(CONCURRENT_MILLISECONDS);
      }
    }
  }

  /** A producer that nothing is in doubt of. */
  async #ready(): Promise<Producer> {
    this.#turn += 1;
    const turn = this.#turn;
    if (this.#closed) throw new Error(`${nameOf(this.#settings.input)} was let go of`);
    if (this.#producer !== undefined && this.#doubt === undefined) return this.#producer;
    await this.#drop();
    const producer = await this.#renewed();
    try {
      const isDone = this.#doubt !== undefined && (await this.#isLast(this.#doubt.commit));
      if (turn !== this.#turn) throw new Error('a newer producer has taken over');
      if (isDone) for (const part of this.#doubt?.parts ?? []) part.settle();
    } catch (error) {
      await letGoOf(producer);
      throw error;
    }
    this.#doubt = undefined;
    this.#producer = producer;
    return producer;
  }

  async #drop(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    if (producer) await letGoOf(producer);
  }

  /**
   * Asked before: one that was frozen shall not shut out its successor. Asked after: whoever gets the partition later
   * will shut us out in turn.
   */
  async #renewed(): Promise<Producer> {
    const { brokers, group, input, trySeconds, confirm, log } = this.#settings;
    await confirm();
    const producer = new Kafka({ ...kafkaClientOptions(brokers, log), retry: RETRY }).producer({
      transactionalId: `saccade-${group}/${input.topic}/${input.id}`, // no topic has a slash in its name
      transactionTimeout: 1000 * Math.min(trySeconds, LONGEST_SECONDS),
      maxInFlightRequests: 1,
      retry: NO_RETRY,
      allowAutoTopicCreation: false,
      createPartitioner: partitioner,
    });
    try {
      await producer.connect();
      const empty = await producer.transaction(); // asks for a producer id, which ends what was open
      await empty.abort();
      await confirm();
    } catch (error) {
      await letGoOf(producer);
      throw error;
    }
    return producer;
  }

  /** Whether this is what the group has committed of the partition. */
  async #isLast({ offset, metadata }: Commit): Promise<boolean> {
    const { admin, group, input } = this.#settings;
    const [found] = await admin.fetchOffsets({ groupId: group, topics: [input.topic] });
    const last = found?.partitions.find(({ partition }) => partition === input.id);
    return last?.offset === String(offset) && (last.metadata ?? '') === metadata;
  }
}

async function letGoOf(producer: Producer): Promise<void> {
  await producer.disconnect().catch(() => {}); // the broker will notice
}

export function nameOf({ topic, id }: PartitionName): string {
  return `${topic}[${id}]`;
}
