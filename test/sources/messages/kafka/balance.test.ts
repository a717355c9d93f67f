import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { balance, type Holder } from '../../../../src/sources/messages/kafka/balance.ts';

const names = (count: number) => Array.from({ length: count }, (_, n) => String(n));
const member = (id: string, held: readonly string[] = [], generation = 1): Holder => {
  return { id, held: new Set(held), generation };
};
const members = (given: ReadonlyMap<string, readonly string[]>, ids: readonly string[]) =>
  ids.map((id) => member(id, given.get(id)));

describe('balance', () => {
  it('takes from a member only what a new one must have, and gives it back when that one goes', () => {
    const alone = balance(names(5), [member('a')]);
    const two = balance(names(5), members(alone, ['a', 'b']));
    expect(two.get('a')).toEqual(['0', '1', '2']);
    expect(two.get('b')).toEqual(['3', '4']);
    expect(balance(names(5), members(two, ['a'])).get('a')).toEqual(names(5));
  });

  it('believes the later of two who claim the same partition', () => {
    const given = balance(names(2), [member('frozen', ['0', '1'], 3), member('owner', ['1'], 4)]);
    expect(given).toEqual(
      new Map([
        ['frozen', ['0']],
        ['owner', ['1']],
      ]),
    );
  });

  it('gives the one more to whoever has less of other topics', () => {
    const load = new Map([
      ['a', 3],
      ['b', 2],
    ]);
    expect(balance(['0'], [member('a'), member('b')], load).get('b')).toEqual(['0']);
  });

  it('gives out each partition once, evenly, and moves no more than it must', () => {
    const turn = fc.record({ present: fc.uniqueArray(fc.constantFrom(...'abcdef'), { minLength: 1 }) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(turn, { minLength: 1, maxLength: 8 }), (count, turns) => {
        let before = new Map<string, string[]>();
        for (const { present } of turns) {
          const now = balance(names(count), members(before, present));
          const sizes = [...now.values()].map((mine) => mine.length);
          expect([...now.values()].flat().sort()).toEqual(names(count).sort());
          expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
          const stayed = present.reduce(
            (sum, id) => sum + Math.min(before.get(id)?.length ?? 0, now.get(id)?.length ?? 0),
            0,
          );
          const kept = present.reduce(
            (sum, id) => sum + (now.get(id) ?? []).filter((name) => before.get(id)?.includes(name)).length,
            0,
          );
          expect(kept).toBe(stayed); // who has room for what it held keeps all of it
          before = now;
        }
      }),
      { numRuns: 500, seed: 7 },
    );
  });
});
