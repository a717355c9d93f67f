import { type Admin, Kafka } from 'kafkajs';
import type { Fence, Taken, TakenPartition } from '../exactly-once.ts';
import { kafkaClientOptions, type LogKafka } from '../kafka.ts';
import { within } from '../within.ts';
import { nameOf, PartitionTransactions, Settling } from './kafka-partition-transactions.ts';
import type { SentRecord } from './kafka-topic-sender.ts';
import { PatientSender, type Refusal } from './patient-sender.ts';

export type TransactionsSettings = {
  readonly brokers: readonly string[];
  readonly group: string;
  readonly sendSeconds: number;
  readonly log: LogKafka;
};

type Partition = { readonly transactions: PartitionTransactions; readonly sender: PatientSender<Settling> };
type Named = Pick<TakenPartition, 'topic' | 'id'>;

const FAREWELL_SECONDS = 15;

/** The transactions of all partitions that are ours (`kafka.delivery: exactly-once`). */
export class KafkaTransactions implements Fence {
  readonly #settings: TransactionsSettings;
  readonly #partitions = new Map<string, Partition>();
  readonly #admin: Admin;
  #connecting: Promise<void> | undefined;
  #confirm: () => Promise<void> = () => Promise.reject(new Error('no partition has been given to us'));
  #changed: () => void = () => {};

  constructor(settings: TransactionsSettings) {
    this.#settings = settings;
    this.#admin = new Kafka(kafkaClientOptions(settings.brokers, settings.log)).admin();
  }

  async gained(partitions: readonly Named[], confirm: () => Promise<void>): Promise<void> {
    this.#confirm = confirm;
    this.#connecting ??= this.#admin.connect();
    await this.#connecting.catch((error: unknown) => {
      this.#connecting = undefined; // the next time it is tried anew
      throw error;
    });
    await Promise.all(partitions.map((partition) => this.#begin(partition)));
  }

  lost(partition: Named): void {
    const found = this.#partitions.get(nameOf(partition));
    this.#partitions.delete(nameOf(partition));
    if (found) void letGo(found).catch(() => {});
  }

  /** Has a listener told when a transaction begins to fail, and when they succeed again. */
  watch(changed: () => void): void {
    this.#changed = changed;
  }

  /** Why transactions fail, if some do. */
  get trouble(): string | undefined {
    const found = [...this.#partitions].flatMap(
      ([
        name,
        {
          sender: { trouble },
        },
      ]) => (trouble === undefined ? [] : [`transactions of ${name} fail: ${trouble}`]),
    );
    return found.length === 0 ? undefined : found.join('; ');
  }

  get stuckSeconds(): number {
    return Math.max(0, ...[...this.#partitions.values()].map(({ sender }) => sender.stuckSeconds));
  }

  /** What goes to a topic together with the offset of a message. */
  to(topic: string, taken: Taken) {
    return {
      send: (record: SentRecord, lost?: AbortSignal): Promise<Refusal | undefined> =>
        this.#of(taken).sender.send(new Settling(record, topic, taken), lost),
      complain: (trouble: string): Promise<void> => this.#of(taken).sender.complain(`${topic}: ${trouble}`),
    };
  }

  async close(): Promise<void> {
    const all = [...this.#partitions.values()];
    this.#partitions.clear();
    await within(FAREWELL_SECONDS, Promise.all([...all.map(letGo), this.#admin.disconnect()]), 'letting go of Kafka');
  }

  #of({ partition }: Taken): Partition {
    const found = this.#partitions.get(nameOf(partition));
    if (found === undefined) throw new Error(`${nameOf(partition)} is no longer ours`);
    return found;
  }

  async #begin(input: Named): Promise<void> {
    const { brokers, group, sendSeconds, log } = this.#settings;
    this.lost(input); // it was ours some generations ago
    const transactions = new PartitionTransactions({
      ...{ brokers, group, input, log },
      trySeconds: sendSeconds,
      admin: this.#admin,
      confirm: () => this.#confirm(),
    });
    await transactions.open();
    const sender = new PatientSender<Settling>({
      name: `the transactions of ${nameOf(input)}`,
      send: (parts) => transactions.commit(parts),
      isTaken: ({ committed }) => committed,
      underWay: 1, // each commits all that is finished by then
      log,
      changed: () => this.#changed(),
    });
    this.#partitions.set(nameOf(input), { transactions, sender });
  }
}

async function letGo({ transactions, sender }: Partition): Promise<void> {
  sender.close();
  await transactions.close();
}
