import type { Consumer } from 'kafkajs';
import type { LogKafka } from '../../../kafka.ts';
import type { Partition } from './group-partitions.ts';

/** A full partition may make room within this time and go on without a pause, which costs the next fetch a wait. */
const MOMENT_MILLISECONDS = 100;

/**
 * Decides which partitions are fetched: one that is full is paused until half of what it holds is finished, one whose
 * next message is not due until it is, and all of them while they are held.
 */
export class PartitionPauses {
  readonly #consumer: Pick<Consumer, 'pause' | 'resume'>;
  readonly #prefetch: number;
  readonly #log: LogKafka;
  readonly #waiting = new Map<Partition, (hasRoom: boolean) => void>();
  readonly #due = new Map<Partition, NodeJS.Timeout>();
  #held = false;

  constructor(consumer: Pick<Consumer, 'pause' | 'resume'>, prefetch: number, log: LogKafka) {
    this.#consumer = consumer;
    this.#prefetch = prefetch;
    this.#log = log;
  }

  hasRoom({ tracker }: Partition): boolean {
    return tracker.inFlight < this.#prefetch && tracker.hasRoom;
  }

  /** @returns whether there is room in a moment; if not, the partition has been paused */
  async room(partition: Partition): Promise<boolean> {
    const soon = await new Promise<boolean>((resolve) => {
      const late = setTimeout(() => resolve(false), MOMENT_MILLISECONDS);
      this.#waiting.set(partition, (hasRoom) => {
        clearTimeout(late);
        resolve(hasRoom);
      });
    });
    this.#waiting.delete(partition);
    if (!soon) this.#pause(partition);
    return soon;
  }

  /** A message of it is finished. */
  freed(partition: Partition): void {
    if (this.#waiting.size > 0 && this.hasRoom(partition)) this.#waiting.get(partition)?.(true);
    const low = partition.paused && partition.tracker.inFlight <= Math.floor(this.#prefetch / 2);
    if (low && !this.#held && !this.#due.has(partition)) this.#resume(partition);
  }

  /**
   * Pauses a partition until its next message is due.
   * @param time in milliseconds since 1970
   * @returns whether that is still to come
   */
  until(partition: Partition, time: number): boolean {
    const milliseconds = time - Date.now();
    if (time === 0 || milliseconds <= 0) return false;
    this.#pause(partition);
    const wake = () => {
      this.#due.delete(partition);
      if (!this.#held && !partition.lost.signal.aborted) this.#resume(partition);
    };
    clearTimeout(this.#due.get(partition));
    this.#due.set(partition, setTimeout(wake, Math.min(milliseconds, 2 ** 31 - 1)).unref());
    return true;
  }

  hold(on: boolean, partitions: Iterable<Partition>): void {
    this.#held = on;
    this.renew([...partitions]);
  }

  /** Pauses outlive a rebalance but not a restart of the consumer, so they are set anew either way. */
  renew(partitions: readonly Partition[]): void {
    for (const partition of this.#due.keys())
      if (!partitions.includes(partition)) {
        clearTimeout(this.#due.get(partition));
        this.#due.delete(partition);
      }
    for (const partition of partitions) {
      if (this.#held || this.#due.has(partition)) this.#pause(partition);
      else this.#resume(partition);
    }
  }

  #pause(partition: Partition): void {
    partition.paused = true;
    this.#waiting.get(partition)?.(false);
    this.#tell('pause', partition);
  }

  #resume(partition: Partition): void {
    partition.paused = false;
    this.#tell('resume', partition);
  }

  /** kafkajs throws between a crash and its restart; joining the group sets all pauses anew. */
  #tell(what: 'pause' | 'resume', { topic, id }: Partition): void {
    try {
      this.#consumer[what]([{ topic, partitions: [id] }]);
    } catch (error) {
      this.#log('debug', `cannot ${what} partition ${id} at the moment`, { error });
    }
  }
}
