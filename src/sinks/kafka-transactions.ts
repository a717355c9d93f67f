import { type Admin, Kafka } from 'kafkajs';
import type { Fence, PartitionName, Taken } from '../exactly-once.ts';
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

const FAREWELL_SECONDS = 15;

/** The transactions of all partitions that are ours (`kafka.delivery: exactly-once`). */
export class KafkaTransactions implements Fence {
  readonly #settings: TransactionsSettings;
  readonly #partitions = new Map<string, Partition>();
  readonly #admin: Admin;
  #connecting: Promise<void> | undefined;
  #confirm: Parameters<Fence['gained']>[1] = () => Promise.reject(new Error('no partition has been given to us'));
  #closed = false;
  #changed: () => void = () => {};

  constructor(settings: TransactionsSettings) {
    this.#settings = settings;
    this.#admin = new Kafka(kafkaClientOptions(settings.brokers, settings.log)).admin();
  }

  async gained(partitions: readonly PartitionName[], confirm: Parameters<Fence['gained']>[1]): Promise<void> {
    if (this.#closed) return; // we are leaving the group: nothing is taken any more
    this.#confirm = confirm;
    this.#connecting ??= this.#admin.connect();
    await this.#connecting.catch((error: unknown) => {
      this.#connecting = undefined; // the next time it is tried anew
      throw error;
    });
    const begun = await Promise.allSettled(partitions.map((partition) => this.#begin(partition)));
    const failed = begun.find((result) => result.status === 'rejected');
    if (failed && !this.#closed) throw failed.reason;
  }

  lost(partition: PartitionName): void {
    const found = this.#partitions.get(nameOf(partition));
    if (found === undefined) return;
    this.#partitions.delete(nameOf(partition));
    void letGo(found).catch(() => {});
    this.#changed(); // it may have been the one in trouble
  }

  /** Has a listener told when a transaction begins to fail, and when they succeed again. */
  watch(changed: () => void): void {
    this.#changed = changed;
  }

  /** Why transactions fail, if some do. */
  get trouble(): string | undefined {
    const found = [...this.#partitions].flatMap(([name, { sender }]) =>
      sender.trouble === undefined ? [] : [`transactions of ${name} fail: ${sender.trouble}`],
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
    this.#closed = true;
    const all = [...this.#partitions.values()];
    this.#partitions.clear();
    await within(FAREWELL_SECONDS, Promise.all([...all.map(letGo), this.#admin.disconnect()]), 'letting go of Kafka');
  }

  #of({ partition }: Taken): Partition {
    const found = this.#partitions.get(nameOf(partition));
    if (found === undefined) throw new Error(`${nameOf(partition)} is no longer ours`);
    return found;
  }

  async #begin(input: PartitionName): Promise<void> {
    const { brokers, group, sendSeconds, log } = this.#settings;
    this.lost(input); // it was ours some generations ago
    const transactions = new PartitionTransactions({
      ...{ brokers, group, input, log },
      trySeconds: sendSeconds,
      admin: this.#admin,
      confirm: () => this.#confirm(input),
    });
    try {
      await transactions.open();
      if (this.#closed) throw new Error(`${nameOf(input)} comes too late: we are leaving`);
    } catch (error) {
      await transactions.close();
      throw error;
    }
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
