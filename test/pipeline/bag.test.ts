import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bag } from '../../src/pipeline/bag.ts';

type Thing = { readonly n: number };

function contents(bag: Bag<Thing>): Set<Thing> {
  const found = new Set<Thing>();
  bag.each((thing) => void found.add(thing));
  return found;
}

describe('Bag', () => {
  it('holds what a Set would hold, whatever comes and goes', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9)), (steps) => {
        const [bag, set] = [new Bag<Thing>(), new Set<Thing>()];
        const places: { readonly thing: Thing; readonly place: number }[] = [];
        for (const [n, step] of steps.entries()) {
          if (step < 6) {
            const thing = { n };
            set.add(thing);
            places.push({ thing, place: bag.add(thing) });
          } else {
            // Whatever was ever there, so also what is gone, and whose place another thing has.
            const gone = places[(n * step) % Math.max(1, places.length)];
            if (gone === undefined) continue;
            set.delete(gone.thing);
            bag.remove(gone.thing, gone.place);
          }
          expect(bag.size).toBe(set.size);
        }
        expect(contents(bag)).toEqual(set);
      }),
    );
  });

  it('takes no more room than the most that it held at once', () => {
    const bag = new Bag<Thing>();
    const places = Array.from({ length: 1000 }, (_, n) => {
      const thing = { n };
      const place = bag.add(thing);
      bag.remove(thing, place);
      return place;
    });
    expect(new Set(places)).toEqual(new Set([0]));
  });

  it('lets each be removed while all are gone through', () => {
    const bag = new Bag<Thing>();
    for (const n of [1, 2, 3]) bag.add({ n });
    const seen: number[] = [];
    bag.each((thing, place) => {
      bag.remove(thing, place);
      seen.push(thing.n);
    });
    expect(seen).toEqual([1, 2, 3]);
    expect(bag.size).toBe(0);
  });
});
