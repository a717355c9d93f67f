import type { Admin } from 'kafkajs';
import type { LogKafka } from '../../../kafka.ts';
import type { GroupPartitions } from './group-partitions.ts';

type EndsAdmin = Pick<Admin, 'connect' | 'disconnect' | 'fetchTopicOffsets'>;

/**
 * Asks now and then where the partitions of a topic end. A fetch tells it too, but a partition that is paused is not
 * fetched, and its lag would stand still just when it grows.
 */
export class PartitionEnds {
  readonly #admin: EndsAdmin;
  readonly #topics: readonly string[];
  readonly #partitions: GroupPartitions;
  readonly #log: LogKafka;
  #timer: NodeJS.Timeout | undefined;
  #asking: Promise<void> | undefined;

  constructor(admin: EndsAdmin, topics: readonly string[], partitions: GroupPartitions, log: LogKafka) {
    this.#admin = admin;
    this.#topics = topics;
    this.#partitions = partitions;
    this.#log = log;
  }

  every(seconds: number): void {
    this.#timer = setInterval(() => {
      this.#asking ??= this.refresh()
        .catch((error: unknown) => this.#log('debug', 'the ends of the partitions are not known', { error }))
        .finally(() => {
          this.#asking = undefined;
        });
    }, 1000 * seconds);
  }

  async refresh(): Promise<void> {
    await this.#admin.connect();
    for (const topic of this.#topics)
      for (const { partition: id, high } of await this.#admin.fetchTopicOffsets(topic)) {
        const partition = this.#partitions.get(topic, id);
        if (partition !== undefined) partition.end = Math.max(Number(high), partition.end ?? 0);
      }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#asking;
    await this.#admin.disconnect();
  }
}
