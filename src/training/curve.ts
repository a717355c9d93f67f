export type Point = readonly [step: number, value: number];

/**
 * A curve over any number of steps in bounded memory: means over neighbours, of which two become one whenever there are
 * too many to draw. So a run of a million steps is drawn as fast as one of a thousand.
 */
export class Curve {
  readonly #most: number;
  #means: { steps: number; values: number; count: number }[] = [];
  /** Points that a mean is of; the newest may be of fewer. */
  #width = 1;

  /** @param most means at any time, an even number */
  constructor(most: number) {
    this.#most = most;
  }

  add(step: number, value: number): void {
    const newest = this.#means.at(-1);
    if (newest !== undefined && newest.count < this.#width) merge(newest, { steps: step, values: value, count: 1 });
    else this.#means.push({ steps: step, values: value, count: 1 });
    if (this.#means.length > this.#most) this.#halve();
  }

  get points(): Point[] {
    return this.#means.map(({ steps, values, count }) => [steps / count, values / count]);
  }

  #halve(): void {
    this.#width *= 2;
    this.#means = this.#means.filter((mean, i) => {
      if (i % 2 === 1) return false;
      const next = this.#means[i + 1];
      if (next !== undefined) merge(mean, next);
      return true;
    });
  }
}

function merge(into: { steps: number; values: number; count: number }, other: typeof into): void {
  into.steps += other.steps;
  into.values += other.values;
  into.count += other.count;
}
