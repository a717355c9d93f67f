import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { kafkaErrorType, type LogKafka } from '../kafka.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { KafkaBatches, type Sizeable } from './kafka-batches.ts';

export type PatientSettings<T> = {
  /** What takes the records, for people. */
  readonly name: string;
  /** Sends these together; resolves once all are safe. */
  readonly send: (records: readonly T[]) => Promise<unknown>;
  /** Whether a record is safe of those whose sending has failed. */
  readonly isTaken: (record: T) => boolean;
  /** Batches that may be under way at once; several, where nothing is said. */
  readonly underWay?: number;
  readonly log: LogKafka;
  /** Told when it begins to take nothing, and when it takes records again. */
  readonly changed: () => void;
};

/** What only this one record is refused for; everything else may pass, and keeps all others back as well. */
const tooLarge = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'] as const;
const refusals = [...tooLarge, 'INVALID_RECORD', 'INVALID_TIMESTAMP'] as const;
export type Refusal = (typeof refusals)[number];

const PAUSE_MILLISECONDS = 500;

/** Sends records together until they are taken, and says meanwhile why they are not. */
export class PatientSender<T extends Sizeable> {
  readonly #settings: PatientSettings<T>;
  readonly #batches: KafkaBatches<T>;
  readonly #closing = new AbortController();
  #trouble: string | undefined;
  /** Records that were not taken, and are tried again. */
  #triedAgain = 0;

  constructor(settings: PatientSettings<T>) {
    this.#settings = settings;
    setMaxListeners(0, this.#closing.signal); // every lane may wait
    const { send, isTaken, underWay } = settings;
    this.#batches = new KafkaBatches({
      send,
      isTaken,
      ...(underWay !== undefined && { underWay }),
      isRefusal: (error) => isRefusal(kafkaErrorType(error)),
      isTooLarge: (error) => isTooLarge(kafkaErrorType(error)),
    });
  }

  /** Why nothing is taken, if so. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** For how long records have been there to send and none was taken. */
  get stuckSeconds(): number {
    return this.#batches.stuckSeconds;
  }

  /**
   * @param lost aborted when the record is no longer to be sent
   * @returns why this record is refused; undefined once it is safe
   */
  send(record: T, lost?: AbortSignal): Promise<Refusal | undefined> {
    return this.#batches.send(record).then(
      () => this.#say(undefined),
      (error: unknown) => this.#explain(error, record, lost),
    );
  }

  /** What must be taken is refused; whoever sends tries again. */
  async complain(trouble: string): Promise<void> {
    this.#say(trouble);
    await this.#pause();
  }

  /** Whoever waits gives up. */
  close(): void {
    this.#closing.abort(new Error(`${this.#settings.name} was let go of`));
  }

  /** A loop: an outage of hours is thousands of tries, and each must leave nothing behind. */
  async #explain(first: unknown, record: T, lost: AbortSignal | undefined): Promise<Refusal | undefined> {
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

  /** Whoever would have found out that records are taken again has gone: the next record will. */
  #forgetTrouble(): void {
    if (this.#trouble === undefined || this.#closing.signal.aborted) return;
    const { name, log, changed } = this.#settings;
    this.#trouble = undefined;
    log('info', `nothing is left to send to ${name}; the next record will tell whether it takes any`, {});
    changed();
  }

  async #pause(lost?: AbortSignal): Promise<void> {
    const pause = sleep(PAUSE_MILLISECONDS);
    await unlessAborted(this.#closing.signal, lost ? unlessAborted(lost, pause) : pause);
  }

  #say(trouble: string | undefined): undefined {
    const before = this.#trouble;
    this.#trouble = trouble;
    if ((before === undefined) === (trouble === undefined)) return;
    const { name, log, changed } = this.#settings;
    if (trouble === undefined) log('info', `${name} takes records again`, {});
    else log('warn', `${name} takes no records; it is tried again until it does`, { reason: trouble });
    changed();
  }
}

function isTooLarge(answer: unknown): boolean {
  return tooLarge.some((refusal) => refusal === answer);
}

function isRefusal(answer: unknown): answer is Refusal {
  return refusals.some((refusal) => refusal === answer);
}
