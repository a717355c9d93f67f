import type { Admin } from 'kafkajs';
import type { LogKafka } from '../../kafka.ts';
import type { AssignedPartitions } from './assigned-partitions.ts';

type EndsAdmin = Pick<Admin, 'connect' | 'disconnect' | 'fetchTopicOffsets'>;

/**
 * Asks now and then where the partitions of a topic end. A fetch tells it too, but a partition that is paused is not
 * fetched, and its lag would stand still just when it grows.
 */
export class KafkaEnds {
  readonly #admin: EndsAdmin;
  readonly #topic: string;
  readonly #partitions: AssignedPartitions;
  readonly #log: LogKafka;
  #timer: NodeJS.Timeout | undefined;
  #asking: Promise<void> | undefined;

  constructor(admin: EndsAdmin, topic: string, partitions: AssignedPartitions, log: LogKafka) {
    this.#admin = admin;
    this.#topic = topic;
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
    for (const { partition: id, high } of await this.#admin.fetchTopicOffsets(this.#topic)) {
      const partition = this.#partitions.get(id);
      if (partition === undefined) continue;
      const end = BigInt(high);
      if (partition.end === undefined || end > partition.end) partition.end = end;
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#asking;
    await this.#admin.disconnect();
  }
}
