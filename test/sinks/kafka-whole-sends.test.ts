import type { PartitionMetadata } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { WholeSends } from '../../src/sinks/kafka-whole-sends.ts';

type Sent = { readonly key: string | null; readonly value: string };

const metadata = (count: number) => Array.from({ length: count }, (_, partitionId) => ({ partitionId, leader: 1 }));

/** A topic of four partitions, of which a send reaches only those that answer. */
class Topic {
  readonly whole = new WholeSends<Sent>();
  readonly taken: string[] = [];
  sends = 0;
  #partition = this.whole.createPartitioner();

  partitionOf(message: Sent, partitions = 4): number {
    const partitionMetadata = metadata(partitions) as PartitionMetadata[];
    return this.#partition({ topic: 't', partitionMetadata, message });
  }

  send(records: readonly Sent[], answers: (partition: number, send: number) => boolean): Promise<void> {
    return this.whole.send(async (rest) => {
      this.sends += 1;
      const reached = rest.filter((record) => answers(this.partitionOf(record), this.sends));
      this.taken.push(...reached.map(({ value }) => value));
      return [...new Set(reached.map((record) => this.partitionOf(record)))].map((partition) => ({ partition }));
    }, records);
  }
}

const records = Array.from({ length: 40 }, (_, n) => ({ key: n % 2 ? `key-${n}` : null, value: `${n}` }));

describe('WholeSends', () => {
  it('sends again, and alone, what went to a partition that a send left out', async () => {
    const topic = new Topic();
    await topic.send(records, (partition, send) => send > 1 || partition !== 2);
    expect(topic.sends).toBe(2);
    expect(topic.taken.toSorted()).toEqual(records.map(({ value }) => value).toSorted());
  });

  it('fails where nothing of what is left is taken', async () => {
    const topic = new Topic();
    await expect(topic.send(records, (partition) => partition !== 2)).rejects.toThrow(
      /records were sent to no partition/,
    );
    expect(topic.sends).toBe(2);
  });

  it('keeps the partition of a record, with a key or without, unless it is there no more', () => {
    const topic = new Topic();
    for (const record of records) {
      const first = topic.partitionOf(record);
      expect(Array.from({ length: 5 }, () => topic.partitionOf(record))).toEqual(Array(5).fill(first));
      expect(topic.partitionOf(record, 1)).toBe(0);
    }
  });
});
