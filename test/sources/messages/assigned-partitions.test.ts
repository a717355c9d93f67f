import { describe, expect, it } from 'vitest';
import { AssignedPartitions } from '../../../src/sources/messages/assigned-partitions.ts';

function offsets(partitions: AssignedPartitions): [number, bigint][] {
  return partitions.uncommitted().map(({ partition, offset }) => [partition.id, offset]);
}

describe('AssignedPartitions', () => {
  it('tells how far partitions have come, and only once', () => {
    const partitions = new AssignedPartitions();
    partitions.assign('a', [0, 1]);
    partitions.get(1)?.tracker.accept(7n);
    partitions.get(1)?.tracker.finish(7n);
    expect(offsets(partitions)).toEqual([[1, 8n]]);
    for (const { partition, offset } of partitions.uncommitted()) partition.committed = offset;
    expect(offsets(partitions)).toEqual([]);
  });

  it('keeps the progress of partitions that stay, and forgets those that go', () => {
    const partitions = new AssignedPartitions();
    partitions.assign('a', [0, 1]);
    const [gone, kept] = [...partitions];
    for (const partition of partitions) partition.tracker.accept(3n);
    partitions.assign('a', [1, 2]);
    expect(partitions.get(1)).toBe(kept);
    expect(gone && partitions.isOurs(gone)).toBe(false);
    gone?.tracker.finish(3n);
    expect(offsets(partitions)).toEqual([[1, 3n]]);
  });

  it('begins anew as another member: somebody else may have worked on the same partitions', () => {
    const partitions = new AssignedPartitions();
    partitions.assign('a', [0]);
    partitions.get(0)?.tracker.accept(3n);
    partitions.assign('b', [0]);
    expect(offsets(partitions)).toEqual([]);
    expect(partitions.get(0)?.tracker.accept(3n)).toBe(true);
  });
});
