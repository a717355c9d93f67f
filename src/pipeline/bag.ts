/**
 * Things that come and go, each in a place that is used again. For what comes and goes with every scene it takes the
 * place of a Set, of which V8 makes a new table for every few deletions, among its old objects once the Set is old; the
 * tables left behind keep all that was in them, and all that hangs on it, from being collected while it is young.
 */
export class Bag<T extends object> {
  readonly #places: (T | undefined)[] = [];
  readonly #free: number[] = [];

  /** @returns its place, for `remove` */
  add(thing: T): number {
    const place = this.#free.pop() ?? this.#places.length;
    this.#places[place] = thing;
    return place;
  }

  /** To be called any number of times: nothing else is removed that has the place by then. */
  remove(thing: T, place: number): void {
    if (this.#places[place] !== thing) return;
    this.#places[place] = undefined;
    this.#free.push(place);
  }

  get size(): number {
    return this.#places.length - this.#free.length;
  }

  /** Has something done with each, in no order; what is removed or added meanwhile may be left out. */
  each(act: (thing: T, place: number) => void): void {
    this.#places.forEach((thing, place) => {
      if (thing !== undefined) act(thing, place);
    });
  }
}
