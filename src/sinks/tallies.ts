/** Counted up; to add to it costs no more than to add a number. */
export class Tally {
  total = 0;

  inc = (by = 1): void => {
    this.total += by;
  };
}

/** How many values lay at or below each bound, and above the last. */
export class BucketTally {
  readonly #bounds: readonly number[];
  /** Of each bucket alone, the last above all bounds. */
  readonly #counts: number[];
  sum = 0;

  /** @param bounds ascending, each included in its bucket */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = [...bounds, 0].fill(0);
  }

  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.#bounds.length && value > (this.#bounds[bucket] as number)) bucket += 1; // within bounds
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1; // one more bucket than bounds
    this.sum += value;
  }

  /** @returns of each bound, and of `+Inf`, how many values lay at or below it */
  get cumulative(): (readonly [bound: number | '+Inf', count: number])[] {
    let count = 0;
    return this.#counts.map((one, n) => {
      count += one;
      return [this.#bounds[n] ?? '+Inf', count];
    });
  }
}

/** One tally for each set of labels that has been asked for. */
export class Series<T> {
  readonly #labelNames: readonly string[];
  readonly #create: () => T;
  readonly #found = new Map<string, { readonly labels: Readonly<Record<string, string>>; readonly tally: T }>();

  constructor(labelNames: readonly string[], create: () => T) {
    this.#labelNames = labelNames;
    this.#create = create;
    if (labelNames.length === 0) this.labels(); // what has no labels is there from the beginning
  }

  /** @param values one for each name, in their order */
  labels(...values: string[]): T {
    const key = values.join('\0');
    const found = this.#found.get(key);
    if (found !== undefined) return found.tally;
    const labels = Object.fromEntries(this.#labelNames.map((name, n) => [name, values[n] ?? '']));
    const tally = this.#create();
    this.#found.set(key, { labels, tally });
    return tally;
  }

  get all() {
    return this.#found.values();
  }
}
