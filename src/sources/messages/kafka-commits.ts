import type { Consumer } from 'kafkajs';
import { kafkaErrorType, type LogKafka } from '../../kafka.ts';
import type { AssignedPartitions } from './assigned-partitions.ts';

/** The group is changing; the next commit, as the new member or in the new generation, will do. */
const passing = new Set(['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID']);

/** Commits now and then how far partitions have come, one commit at a time: two could arrive in the wrong order. */
export class KafkaCommits {
  readonly #consumer: Pick<Consumer, 'commitOffsets'>;
  readonly #topic: string;
  readonly #partitions: AssignedPartitions;
  readonly #log: LogKafka;
  #timer: NodeJS.Timeout | undefined;
  #committing: Promise<void> | undefined;
  #failed = 0;

  constructor(consumer: Pick<Consumer, 'commitOffsets'>, topic: string, partitions: AssignedPartitions, log: LogKafka) {
    this.#consumer = consumer;
    this.#topic = topic;
    this.#partitions = partitions;
    this.#log = log;
  }

  /** Commits that failed, those apart that a change of the group overtook. */
  get failed(): number {
    return this.#failed;
  }

  every(seconds: number): void {
    this.#timer = setInterval(() => {
      this.#committing ??= this.#commit()
        .catch((error: unknown) => this.#report(error))
        .finally(() => {
          this.#committing = undefined;
        });
    }, 1000 * seconds);
  }

  /** The last commit; it must come before the consumer is stopped, which then drops commits and says nothing. */
  async finish(): Promise<void> {
    clearInterval(this.#timer);
    await this.#committing;
    await this.#commit();
  }

  async #commit(): Promise<void> {
    const commits = this.#partitions.uncommitted();
    if (commits.length === 0) return;
    await this.#consumer.commitOffsets(
      commits.map(({ partition, offset }) => ({
        topic: this.#topic,
        partition: partition.id,
        offset: String(offset),
      })),
    );
    for (const { partition, offset } of commits) partition.committed = offset;
  }

  #report(error: unknown): void {
    const overtaken = passing.has(kafkaErrorType(error) ?? '');
    if (!overtaken) this.#failed += 1;
    this.#log(overtaken ? 'debug' : 'warn', 'offsets could not be committed; the next commit will hold them', {
      error,
    });
  }
}
