import { type IHeaders, Kafka, type Producer } from 'kafkajs';
import { kafkaClientOptions, type LogKafka } from '../kafka.ts';
import { within } from '../within.ts';
import { OnceRecord, sendOnlyWhatIsLeft, sendUntilTaken } from './kafka-once-taken.ts';
import { partitioner } from './kafka-partitioner.ts';
import { PatientSender, type Refusal } from './patient-sender.ts';

export type SentRecord = {
  readonly key: Buffer | string | null;
  readonly value: Buffer | string | null;
  readonly headers: IHeaders;
  /** In milliseconds since 1970; now, where none is given. */
  readonly timestamp?: string;
};

export type SenderSettings = {
  readonly brokers: readonly string[];
  readonly topic: string;
  /** For one try to send what goes together. */
  readonly trySeconds: number;
  readonly log: LogKafka;
  /** Told when the topic begins to take nothing, and when it takes records again. */
  readonly changed: () => void;
};

/** kafkajs looks for the topic anew with each of its tries; ours come on top, for as long as it takes. */
export const SEND_RETRY = { initialRetryTime: 100, retries: 2, maxRetryTime: 1000 };
const FAREWELL_SECONDS = 15;

/**
 * Sends records to one topic, each acknowledged by all in-sync replicas. A topic that takes nothing (gone, forbidden,
 * too few replicas, no broker) is tried again until it does, and says meanwhile why. Each topic has a producer of its
 * own: to kafkajs one topic that is gone is a reason to send to none.
 *
 * The producer is not idempotent: kafkajs repeats a sequence number after a send that failed for good, and a broker
 * that had the first one takes the next record for a repetition and drops it. Events carry deterministic ids instead.
 */
export class TopicSender {
  readonly #producer: Producer;
  readonly #sender: PatientSender<OnceRecord>;

  constructor({ brokers, topic, trySeconds, log, changed }: SenderSettings) {
    sendOnlyWhatIsLeft();
    this.#producer = new Kafka({ ...kafkaClientOptions(brokers, log), retry: SEND_RETRY }).producer({
      allowAutoTopicCreation: false,
      createPartitioner: partitioner,
    });
    const send = (messages: OnceRecord[]) => this.#producer.send({ topic, acks: -1, messages });
    this.#sender = new PatientSender({
      name: topic,
      send: (records) => within(trySeconds, sendUntilTaken(send, records), `sending to ${topic}`),
      isTaken: ({ taken }) => taken,
      log,
      changed,
    });
  }

  open(): Promise<void> {
    return this.#producer.connect();
  }

  /** Why the topic takes nothing, if so. */
  get trouble(): string | undefined {
    return this.#sender.trouble;
  }

  /** For how long the topic has been given records and taken none. */
  get stuckSeconds(): number {
    return this.#sender.stuckSeconds;
  }

  /**
   * @param lost aborted when the record is no longer to be sent
   * @returns why this record is refused; undefined once it is safe
   */
  send(record: SentRecord, lost?: AbortSignal): Promise<Refusal | undefined> {
    return this.#sender.send(new OnceRecord(record), lost);
  }

  /** The topic refuses what it must take; whoever sends tries again. */
  complain(trouble: string): Promise<void> {
    return this.#sender.complain(trouble);
  }

  close(): Promise<void> {
    this.#sender.close();
    return within(FAREWELL_SECONDS, this.#producer.disconnect(), 'letting go of Kafka');
  }
}
