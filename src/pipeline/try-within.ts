import type { Bounded, Deadlines } from './deadlines.ts';
import type { Recall } from './recall.ts';
import type { SpareControllers } from './spare-controllers.ts';

export type Tries<T> = {
  /** @param signal aborted when the try is no longer wanted, and when it has failed but left something under way */
  readonly attempt: (signal: AbortSignal) => Promise<T>;
  /**
   * @param failures so far, this one included
   * @returns after how many seconds to try again; undefined: the failure is the answer
   */
  readonly pause: (error: unknown, failures: number) => number | undefined;
};

export type Limit = {
  /** For all tries together, and their pauses. */
  readonly seconds: number;
  /** Makes the error when that time is over. */
  readonly late: () => Error;
  /** Ends all at once; there is then no answer, ever. */
  readonly recall: Recall;
  readonly deadlines: Deadlines;
  readonly controllers: SpareControllers;
};

/** Tries something until it has an answer, its failure will not pass, or the time is over. */
export function tryWithin<T>(tries: Tries<T>, limit: Limit): Promise<T> {
  return new Promise((resolve, reject) => new Trying(tries, limit, { resolve, reject }).begin());
}

type Told<T> = { resolve(value: T): void; reject(error: unknown): void };

class Trying<T> implements Bounded {
  readonly due: number;
  readonly #tries: Tries<T>;
  readonly #limit: Limit;
  readonly #told: Told<T>;
  readonly #place: number;
  #failures = 0;
  #isOver = false;
  #underWay: AbortController | undefined;
  #next: NodeJS.Timeout | undefined;

  constructor(tries: Tries<T>, limit: Limit, told: Told<T>) {
    this.due = performance.now() + 1000 * limit.seconds;
    this.#tries = tries;
    this.#limit = limit;
    this.#told = told;
    this.#place = limit.deadlines.watch(this);
    limit.recall.listen(() => this.#end());
  }

  begin(): void {
    if (this.#isOver) return;
    const controller = this.#limit.controllers.lend();
    this.#underWay = controller;
    this.#tries.attempt(controller.signal).then(
      (value) => this.#answered(value),
      (error: unknown) => this.#failed(error),
    );
  }

  late(): void {
    this.#end();
    this.#told.reject(this.#limit.late());
  }

  #answered(value: T): void {
    const controller = this.#underWay; // undefined: it was over before
    this.#underWay = undefined; // to abort it makes an error with a stack, so not for each scene
    if (controller !== undefined) this.#limit.controllers.takeBack(controller);
    this.#end();
    this.#told.resolve(value);
  }

  #failed(error: unknown): void {
    if (this.#isOver) return;
    this.#underWay?.abort();
    this.#underWay = undefined;
    this.#failures += 1;
    const seconds = this.#tries.pause(error, this.#failures);
    if (seconds !== undefined) {
      this.#next = setTimeout(() => this.begin(), 1000 * seconds);
      return;
    }
    this.#end();
    this.#told.reject(error);
  }

  #end(): void {
    this.#isOver = true;
    this.#limit.deadlines.forget(this, this.#place);
    clearTimeout(this.#next);
    this.#underWay?.abort();
    this.#underWay = undefined;
  }
}
