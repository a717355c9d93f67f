import fc from 'fast-check';
import { Partitioners, type PartitionMetadata } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { partitioner } from '../../src/sinks/kafka-partitioner.ts';

const metadata = (count: number) => Array.from({ length: count }, (_, partitionId) => ({ partitionId, leader: 1 }));

/** @param key with a partition given, or without */
function choices(key: Buffer | string | null, partitions: number, partition?: number): number[] {
  const partitionMetadata = metadata(partitions) as PartitionMetadata[];
  const message = { key, value: null, ...(partition !== undefined && { partition }) };
  const args = { topic: 't', partitionMetadata, message };
  return [partitioner, Partitioners.DefaultPartitioner].map((create) => create()(args));
}

describe('partitioner', () => {
  it('chooses for each key the partition that kafkajs chooses, and takes the one that is given', () => {
    const keys = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    );
    const law = fc.property(keys, fc.integer({ min: 1, max: 500 }), (key, partitions) => {
      const [found, wanted] = choices(key, partitions);
      expect(found).toBe(wanted);
      expect(choices(key, partitions, 7)).toEqual([7, 7]);
    });
    fc.assert(law, { numRuns: 2000, seed: 7 });
  });

  it('gives records without a key to all partitions in turn', () => {
    const choose = partitioner();
    const partitionMetadata = metadata(4) as PartitionMetadata[];
    const found = Array.from({ length: 8 }, () =>
      choose({ topic: 't', partitionMetadata, message: { key: null, value: null } }),
    );
    expect([...found].sort()).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
  });
});
