import { describe, expect, it } from 'vitest';
import { GroupPartitions } from '../../../../src/sources/messages/kafka/group-partitions.ts';

const nothing = () => undefined;
const given = (memberId: string, generation: number, ids: readonly number[]) => {
  return { memberId, generation, assignment: { scenes: ids } };
};
const ids = (names: readonly { id: number }[]) => names.map(({ id }) => id);

describe('GroupPartitions', () => {
  it('keeps the progress of partitions that stay, and asks only for those that come', () => {
    const partitions = new GroupPartitions();
    expect(ids(partitions.gained(given('a', 1, [0, 1])))).toEqual([0, 1]);
    partitions.assign(given('a', 1, [0, 1]), nothing);
    const [gone, kept] = [...partitions];
    expect(ids(partitions.gained(given('a', 2, [1, 2])))).toEqual([2]);
    expect(partitions.assign(given('a', 2, [1, 2]), nothing)).toEqual([gone]);
    expect(partitions.get('scenes', 1)).toBe(kept);
    expect([gone, kept].map((partition) => partition?.lost.signal.aborted)).toEqual([true, false]);
    expect(gone && partitions.isOurs(gone)).toBe(false);
    expect(partitions.holding()).toEqual({ generation: 2, held: { scenes: [1, 2] } });
  });

  it.each([
    ['as another member', given('b', 2, [0])],
    ['after a generation that it missed', given('a', 3, [0])],
  ])('begins anew %s: somebody else may have worked on the same partitions', (_, next) => {
    const partitions = new GroupPartitions();
    partitions.assign(given('a', 1, [0]), nothing);
    const [before] = [...partitions];
    before?.tracker.accept(3);
    expect(ids(partitions.gained(next))).toEqual([0]);
    expect(partitions.assign(next, nothing)).toEqual([before]);
    expect(before?.lost.signal.aborted).toBe(true);
    expect(partitions.get('scenes', 0)?.tracker.accept(3)).toBe(true);
  });

  it('begins where the last commit ended', () => {
    const partitions = new GroupPartitions();
    partitions.assign(given('a', 1, [0]), () => ({ offset: 4, finished: [{ start: 5, end: 6 }] }));
    const tracker = partitions.get('scenes', 0)?.tracker;
    expect([4, 5, 6].map((offset) => tracker?.accept(offset))).toEqual([true, false, true]);
    expect(partitions.get('scenes', 0)?.committed).toBe('4 saccade1 1.1');
  });
});
