import { Bag } from './bag.ts';

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
  readonly #open = new Bag<Bounded>();
  #timer: NodeJS.Timeout | undefined;
  #wakesAt = Number.POSITIVE_INFINITY;

  /** @returns its place, for `forget` */
  watch(work: Bounded): number {
    this.changed(work);
    return this.#open.add(work);
  }

  /** What is watched is due at another time. */
  changed({ due }: Bounded): void {
    if (due < this.#wakesAt) this.#wakeAt(due);
  }

  /** To be called any number of times. */
  forget(work: Bounded, place: number): void {
    this.#open.remove(work, place);
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
    this.#open.each((work, place) => {
      if (work.due > now) return;
      this.#open.remove(work, place);
      work.late();
    });
    let next = Number.POSITIVE_INFINITY; // what was late may have begun anew
    this.#open.each(({ due }) => {
      next = Math.min(next, due);
    });
    this.#wakeAt(next);
  }
}
