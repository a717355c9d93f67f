/** In which order messages of a partition are worked on: at will, those of a key one after the other, or all of them. */
export type Ordering = 'unordered' | 'key' | 'partition';

/** What is waited for: a message of a partition; without a key it has no order to keep by key. */
export type Ordered<P> = { readonly partition: P; readonly key: string | undefined };

type Waiting<T> = {
  readonly items: T[];
  inWork: number;
  aside: number;
  readonly keysInWork: Set<string>;
  /** At which turn it was last served. */
  served: number;
};

/**
 * Decides what a free lane does next. The partition with the least in work has its turn, the one served longest ago
 * first, so a partition of slow scenes holds up no other. Within a partition it is the first message that the ordering
 * lets begin. Knows neither time nor Kafka.
 */
export class LaneOrder<P, T extends Ordered<P>> {
  readonly #ordering: Ordering;
  readonly #partitions = new Map<P, Waiting<T>>();
  #turns = 0;

  constructor(ordering: Ordering) {
    this.#ordering = ordering;
  }

  /** @param item to come after all that was added of its partition */
  add(item: T): void {
    const found = this.#partitions.get(item.partition);
    if (found !== undefined) found.items.push(item);
    else this.#partitions.set(item.partition, { items: [item], inWork: 0, aside: 0, keysInWork: new Set(), served: 0 });
  }

  /** What may begin now; it is in work until it is released. */
  take(): T | undefined {
    let best: Waiting<T> | undefined;
    let index = -1;
    for (const waiting of this.#partitions.values()) {
      if (best !== undefined && !isBefore(waiting, best)) continue;
      const ready = this.#firstReady(waiting);
      if (ready < 0) continue;
      best = waiting;
      index = ready;
    }
    if (best === undefined) return undefined;
    const item = index === 0 ? best.items.shift() : best.items.splice(index, 1)[0];
    if (item?.key !== undefined && this.#ordering === 'key') best.keysInWork.add(item.key);
    best.inWork += 1;
    this.#turns += 1;
    best.served = this.#turns;
    return item;
  }

  /** The work on it has ended, however. */
  release({ partition, key }: T): void {
    const waiting = this.#partitions.get(partition);
    if (waiting === undefined) return;
    waiting.inWork -= 1;
    if (key !== undefined) waiting.keysInWork.delete(key);
  }

  /** It is in work, and keeps its place in the order, but has no lane; or has one again. */
  aside({ partition }: T, waits: boolean): void {
    const waiting = this.#partitions.get(partition);
    if (waiting !== undefined) waiting.aside += waits ? 1 : -1;
  }

  /** Knows a partition no more: nothing of it is waiting or in work. */
  forget(partition: P): void {
    this.#partitions.delete(partition);
  }

  /** Lets go of all that waits. */
  clear(): void {
    for (const { items } of this.#partitions.values()) items.splice(0);
  }

  #firstReady({ items, inWork, keysInWork }: Waiting<T>): number {
    if (this.#ordering === 'partition' && inWork > 0) return -1;
    if (this.#ordering !== 'key' || keysInWork.size === 0) return items.length > 0 ? 0 : -1;
    return items.findIndex(({ key }) => key === undefined || !keysInWork.has(key));
  }
}

function isBefore(one: Waiting<unknown>, other: Waiting<unknown>): boolean {
  const more = inLanes(one) - inLanes(other);
  return more < 0 || (more === 0 && one.served < other.served);
}

function inLanes({ inWork, aside }: Waiting<unknown>): number {
  return inWork - aside;
}
