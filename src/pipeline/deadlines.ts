/** What has a time by which it must be over. */
export type Bounded = {
  /** In milliseconds, on the clock of `performance.now()`. */
  readonly due: number;
  /** It is past due; told once. */
  late(): void;
};

/** The longest that a timer can wait. */
const MAX_MILLISECONDS = 2 ** 31 - 1;

/**
 * Watches many deadlines with one timer, set for the first of them. Nearly all are met or moved on long before, so the
 * timer goes off for nothing now and then and is set anew; a timer for each would cost more than the stage it bounds.
 */
export class Deadlines {
  readonly #open = new Set<Bounded>();
  #timer: NodeJS.Timeout | undefined;
  #wakesAt = Number.POSITIVE_INFINITY;

  /** To be called again when it is due at another time. */
  watch(work: Bounded): void {
    this.#open.add(work);
    if (work.due < this.#wakesAt) this.#wakeAt(work.due);
  }

  forget(work: Bounded): void {
    this.#open.delete(work);
    if (this.#open.size === 0) this.#wakeAt(Number.POSITIVE_INFINITY);
  }

  #wakeAt(time: number): void {
    clearTimeout(this.#timer);
    this.#wakesAt = time;
    if (time === Number.POSITIVE_INFINITY) return;
    const milliseconds = Math.max(1, Math.ceil(time - performance.now()));
    this.#timer = setTimeout(() => this.#look(), Math.min(milliseconds, MAX_MILLISECONDS));
  }

  #look(): void {
    const now = performance.now();
    let next = Number.POSITIVE_INFINITY;
    for (const work of this.#open) {
      if (work.due > now) {
        next = Math.min(next, work.due);
        continue;
      }
      this.#open.delete(work);
      work.late();
    }
    this.#wakeAt(next);
  }
}
