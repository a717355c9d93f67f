import type { Consumer } from 'kafkajs';
import type { LogKafka } from '../../../kafka.ts';
import type { Partition } from './group-partitions.ts';

export type PauseSettings = {
  /** How long a fetch may be put off while nothing is wanted; heartbeats are late by as much. */
  readonly patienceMilliseconds: number;
  /** Told when the next message of a partition has become due. */
  readonly due: (partition: Partition) => void;
};

/** A partition with fewer messages at hand is fetched. They last while kafkajs sleeps, which it does when all is paused. */
const ENOUGH = 512;

/**
 * Decides which partitions are fetched: not one that has enough at hand, not one whose next message is not due until it
 * is, and none while they are held.
 */
export class PartitionPauses {
  readonly #consumer: Pick<Consumer, 'pause' | 'resume'>;
  readonly #settings: PauseSettings;
  readonly #log: LogKafka;
  readonly #due = new Map<Partition, NodeJS.Timeout>();
  readonly #waiting = new Set<() => void>();
  #held = false;

  constructor(consumer: Pick<Consumer, 'pause' | 'resume'>, settings: PauseSettings, log: LogKafka) {
    this.#consumer = consumer;
    this.#settings = settings;
    this.#log = log;
  }

  /** Whether nothing more is to begin. */
  get held(): boolean {
    return this.#held;
  }

  /** Each partition is to be reviewed after it. */
  hold(on: boolean): void {
    this.#held = on;
    this.#wake();
  }

  /**
   * @param time when the next message of the partition is due, in milliseconds since 1970
   * @returns whether that is still to come
   */
  isEarly(partition: Partition, time: number): boolean {
    const milliseconds = time - Date.now();
    if (time === 0 || milliseconds <= 0) return false;
    const wake = () => {
      this.#due.delete(partition);
      this.#settings.due(partition);
    };
    clearTimeout(this.#due.get(partition));
    this.#due.set(partition, setTimeout(wake, Math.min(milliseconds, 2 ** 31 - 1)).unref());
    return true;
  }

  /** To be called when there is more or less at hand than before. */
  review(partition: Partition): void {
    const paused = this.#held || partition.inbox.length >= ENOUGH || this.#due.has(partition);
    if (paused !== partition.paused) this.#set(partition, paused);
  }

  /** Pauses outlive a rebalance but not a restart of the consumer, so they are set anew either way. */
  renew(partitions: Iterable<Partition>): void {
    for (const timer of this.#due.values()) clearTimeout(timer);
    this.#due.clear();
    for (const partition of partitions) this.#set(partition, this.#held);
  }

  /** Resolves once one of the partitions is wanted; and soon anyway, for the sake of heartbeats. */
  async wanted(partitions: Iterable<Partition>): Promise<void> {
    for (const { paused } of partitions) if (!paused) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(() => wake(), this.#settings.patienceMilliseconds);
      const wake = () => {
        clearTimeout(late);
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
    });
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }

  /** kafkajs throws between a crash and its restart; joining the group sets all pauses anew. */
  #set(partition: Partition, paused: boolean): void {
    partition.paused = paused;
    const { topic, id } = partition;
    try {
      this.#consumer[paused ? 'pause' : 'resume']([{ topic, partitions: [id] }]);
    } catch (error) {
      this.#log('debug', `cannot ${paused ? 'pause' : 'resume'} partition ${id} at the moment`, { error });
    }
    if (!paused) this.#wake();
  }
}
