import type { Recall } from './recall.ts';

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
};

/** Tries something until it has an answer, its failure will not pass, or the time is over. */
export function tryWithin<T>({ attempt, pause }: Tries<T>, { seconds, late, recall }: Limit): Promise<T> {
  return new Promise((resolve, reject) => {
    let failures = 0;
    let isOver = false;
    let underWay: AbortController | undefined;
    let next: NodeJS.Timeout | undefined;
    const end = () => {
      isOver = true;
      clearTimeout(budget);
      clearTimeout(next);
      underWay?.abort(); // makes an error with a stack, so not for each scene
    };
    const budget = setTimeout(() => {
      end();
      reject(late());
    }, 1000 * seconds);
    recall.listen(end);
    const begin = () => {
      const controller = new AbortController();
      underWay = controller;
      attempt(controller.signal).then(answered, failed);
    };
    const answered = (value: T) => {
      underWay = undefined;
      end();
      resolve(value);
    };
    const failed = (error: unknown) => {
      if (isOver) return;
      underWay?.abort();
      underWay = undefined;
      failures += 1;
      const wait = pause(error, failures);
      if (wait !== undefined) {
        next = setTimeout(begin, 1000 * wait);
        return;
      }
      end();
      reject(error);
    };
    if (!recall.recalled) begin();
  });
}
