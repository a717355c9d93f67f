import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type IHeaders, Kafka, type Producer } from 'kafkajs';
import { kafkaClientOptions, kafkaErrorType, type LogKafka } from '../kafka.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { within } from '../within.ts';
import { KafkaBatches } from './kafka-batches.ts';
import { OnceRecord, sendOnlyWhatIsLeft, sendUntilTaken } from './kafka-once-taken.ts';
import { partitioner } from './kafka-partitioner.ts';

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

/** What only this one record is refused for; everything else may pass, and keeps all others back as well. */
const tooLarge = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'] as const;
const refusals = [...tooLarge, 'INVALID_RECORD', 'INVALID_TIMESTAMP'] as const;
export type Refusal = (typeof refusals)[number];

/** kafkajs looks for the topic anew with each of its tries; ours come on top, for as long as it takes. */
const RETRY = { initialRetryTime: 100, retries: 2, maxRetryTime: 1000 };
const PAUSE_MILLISECONDS = 500;
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
  readonly #settings: SenderSettings;
  readonly #producer: Producer;
  readonly #batches: KafkaBatches<OnceRecord>;
  readonly #closing = new AbortController();
  #trouble: string | undefined;
  /** Records that were not taken, and are tried again. */
  #triedAgain = 0;

  constructor(settings: SenderSettings) {
    this.#settings = settings;
    setMaxListeners(0, this.#closing.signal); // every lane may wait
    const { brokers, log } = settings;
    sendOnlyWhatIsLeft();
    this.#producer = new Kafka({ ...kafkaClientOptions(brokers, log), retry: RETRY }).producer({
      allowAutoTopicCreation: false,
      createPartitioner: partitioner,
    });
    const { topic, trySeconds } = settings;
    const send = (messages: OnceRecord[]) => this.#producer.send({ topic, acks: -1, messages });
    this.#batches = new KafkaBatches({
      send: (records) => within(trySeconds, sendUntilTaken(send, records), `sending to ${topic}`),
      isTaken: ({ taken }) => taken,
      isRefusal: (error) => isRefusal(kafkaErrorType(error)),
      isTooLarge: (error) => isTooLarge(kafkaErrorType(error)),
    });
  }

  open(): Promise<void> {
    return this.#producer.connect();
  }

  /** Why the topic takes nothing, if so. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** For how long the topic has been given records and taken none. */
  get stuckSeconds(): number {
    return this.#batches.stuckSeconds;
  }

  /**
   * @param lost aborted when the record is no longer to be sent
   * @returns why this record is refused; undefined once it is safe
   */
  send(record: SentRecord, lost?: AbortSignal): Promise<Refusal | undefined> {
    return this.#send(new OnceRecord(record), lost);
  }

  #send(record: OnceRecord, lost: AbortSignal | undefined): Promise<Refusal | undefined> {
    return this.#batches.send(record).then(
      () => this.#say(undefined),
      (error: unknown) => this.#explain(error, record, lost),
    );
  }

  /** A loop: an outage of hours is thousands of tries, and each must leave nothing behind. */
  async #explain(first: unknown, record: OnceRecord, lost: AbortSignal | undefined): Promise<Refusal | undefined> {
    let error = first;
    this.#triedAgain += 1;
    try {
      for (;;) {
        const type = kafkaErrorType(error);
        if (isRefusal(type)) {
          this.#say(undefined);
          return type;
        }
        this.#say(error instanceof Error ? error.message : String(error));
        await this.#pause(lost);
        try {
          await this.#batches.send(record);
          return this.#say(undefined);
        } catch (again) {
          error = again;
        }
      }
    } finally {
      this.#triedAgain -= 1;
      if (this.#triedAgain === 0) this.#forgetTrouble();
    }
  }

  /** Whoever would have found out that the topic takes records again has gone: the next record will. */
  #forgetTrouble(): void {
    if (this.#trouble === undefined || this.#closing.signal.aborted) return;
    const { topic, log, changed } = this.#settings;
    this.#trouble = undefined;
    log('info', `nothing is left to send to ${topic}; the next record will tell whether it takes any`, {});
    changed();
  }

  /** The topic refuses what it must take; whoever sends tries again. */
  async complain(trouble: string): Promise<void> {
    this.#say(trouble);
    await this.#pause();
  }

  close(): Promise<void> {
    this.#closing.abort(new Error(`${this.#settings.topic} was let go of`));
    return within(FAREWELL_SECONDS, this.#producer.disconnect(), 'letting go of Kafka');
  }

  async #pause(lost?: AbortSignal): Promise<void> {
    const pause = sleep(PAUSE_MILLISECONDS);
    await unlessAborted(this.#closing.signal, lost ? unlessAborted(lost, pause) : pause);
  }

  #say(trouble: string | undefined): undefined {
    const before = this.#trouble;
    this.#trouble = trouble;
    if ((before === undefined) === (trouble === undefined)) return;
    const { topic, log, changed } = this.#settings;
    if (trouble === undefined) log('info', `${topic} takes records again`, {});
    else log('warn', `${topic} takes no records; it is tried again until it does`, { reason: trouble });
    changed();
  }
}

function isTooLarge(answer: unknown): boolean {
  return tooLarge.some((refusal) => refusal === answer);
}

function isRefusal(answer: unknown): answer is Refusal {
  return refusals.some((refusal) => refusal === answer);
}
