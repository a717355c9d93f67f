import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LaneOrder, type Ordering } from '../../../../src/sources/messages/kafka/lane-order.ts';

type Item = { readonly partition: number; readonly key: string | undefined; readonly n: number };

/** Plays a schedule: adds items, takes as lanes do, ends works in any order. */
function play(
  ordering: Ordering,
  steps: readonly Step[],
  watch: (inWork: readonly Item[], taken: Item) => void,
): Item[] {
  const order = new LaneOrder<number, Item>(ordering);
  const inWork: Item[] = [];
  const taken: Item[] = [];
  let n = 0;
  const take = () => {
    const item = order.take();
    if (item === undefined) return false;
    watch(inWork, item);
    inWork.push(item);
    taken.push(item);
    return true;
  };
  const release = (which: number) => {
    const [item] = inWork.splice(which % inWork.length, 1);
    if (item !== undefined) order.release(item);
  };
  for (const { kind, partition, key, which } of steps) {
    if (kind === 'add') order.add({ partition, key, n: n++ });
    else if (kind === 'take') take();
    else if (inWork.length > 0) release(which);
  }
  while (take() || inWork.length > 0) if (inWork.length > 0) release(0);
  expect(taken).toHaveLength(n);
  return taken;
}

const step = fc.record({
  kind: fc.constantFrom('add' as const, 'add' as const, 'take' as const, 'release' as const),
  partition: fc.nat({ max: 3 }),
  key: fc.constantFrom('a', 'b', undefined),
  which: fc.nat(),
});
type Step = { kind: 'add' | 'take' | 'release'; partition: number; key: string | undefined; which: number };
const schedules = fc.array(step, { maxLength: 120 });
const runs = { numRuns: 1000, seed: 7 };

const isAscending = (items: readonly Item[]) => items.every(({ n }, i) => n > (items[i - 1]?.n ?? -1));

describe('LaneOrder', () => {
  it('by key: works on one message of a key at a time, in the order they came, and on all in the end', () => {
    fc.assert(
      fc.property(schedules, (steps) => {
        const same = (a: Item, b: Item) => a.key !== undefined && a.key === b.key && a.partition === b.partition;
        const taken = play('key', steps, (inWork, item) =>
          expect(inWork.some((other) => same(other, item))).toBe(false),
        );
        for (const item of taken) expect(isAscending(taken.filter((other) => same(other, item)))).toBe(true);
      }),
      runs,
    );
  });

  it('by partition: works on one message of a partition at a time, in the order they came, and on all in the end', () => {
    fc.assert(
      fc.property(schedules, (steps) => {
        const taken = play('partition', steps, (inWork, item) =>
          expect(inWork.some(({ partition }) => partition === item.partition)).toBe(false),
        );
        for (const id of [0, 1, 2, 3])
          expect(isAscending(taken.filter(({ partition }) => partition === id))).toBe(true);
      }),
      runs,
    );
  });

  it('unordered: always has something for a free lane while anything waits', () => {
    fc.assert(
      fc.property(schedules, (steps) => {
        const order = new LaneOrder<number, Item>('unordered');
        let waiting = 0;
        for (const { kind, partition, key } of steps) {
          if (kind === 'add') order.add({ partition, key, n: waiting++ });
          else if (kind === 'take') {
            expect(order.take() !== undefined).toBe(waiting > 0);
            waiting = Math.max(0, waiting - 1);
          }
        }
      }),
      runs,
    );
  });

  it('gives the next free lane to a partition that has least in work, so slow scenes of one hold up no other', () => {
    const order = new LaneOrder<string, { partition: string; key: undefined; n: number }>('unordered');
    for (let n = 0; n < 10; n += 1) order.add({ partition: 'slow', key: undefined, n });
    for (let n = 0; n < 3; n += 1) order.take();
    for (let n = 0; n < 3; n += 1) order.add({ partition: 'other', key: undefined, n });
    expect([order.take(), order.take(), order.take(), order.take()].map((item) => item?.partition)).toEqual([
      'other',
      'other',
      'other',
      'slow',
    ]);
  });

  it('knows nothing more of a partition that is forgotten', () => {
    const order = new LaneOrder<number, Item>('partition');
    const item = { partition: 0, key: undefined, n: 0 };
    order.add(item);
    order.add({ ...item, n: 1 });
    order.take();
    order.forget(0);
    order.release(item);
    expect(order.take()).toBeUndefined();
  });
});
