import { type ICustomPartitioner, Partitioners, type RecordMetadata } from 'kafkajs';

/**
 * Sees to it that a send that kafkajs calls done has reached every partition it was for. kafkajs 2.2.4 tries a send again
 * for brokers that have not answered, and takes one that has as done with (`sendMessages.js`): a partition whose leader
 * has moved to such a broker meanwhile is left out, as is one that has no leader just then, and the send succeeds.
 */
export class WholeSends<T extends object> {
  readonly #partitions = new WeakMap<object, number>();

  /** Kafka's own choice, made once for each record: a record without a key would be given another at every try. */
  readonly createPartitioner: ICustomPartitioner = () => {
    const choose = Partitioners.DefaultPartitioner();
    return (args) => {
      const known = this.#partitions.get(args.message);
      if (known !== undefined && known < args.partitionMetadata.length) return known;
      const partition = choose(args);
      this.#partitions.set(args.message, partition);
      return partition;
    };
  };

  /**
   * @param send of a producer with this partitioner; tells which partitions have taken something
   * @throws {Error} when some records have found no partition that takes them; those of others may be safe
   */
  async send(
    send: (records: T[]) => Promise<Pick<RecordMetadata, 'partition'>[]>,
    records: readonly T[],
  ): Promise<void> {
    let rest = [...records];
    while (rest.length > 0) {
      const left = this.left(rest, await send(rest));
      if (left.length === rest.length) throw new Error(`${left.length} records were sent to no partition`);
      rest = left;
    }
  }

  /** Those of the records of a topic whose partition is not among those that have taken something. */
  left(records: readonly T[], taken: readonly Pick<RecordMetadata, 'partition'>[]): T[] {
    const partitions = new Set(taken.map(({ partition }) => partition));
    return records.filter((record) => !partitions.has(this.#partitions.get(record) ?? -1));
  }
}
