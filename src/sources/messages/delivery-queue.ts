import type { Delivery } from '../../scene.ts';

type Result = IteratorResult<Delivery, undefined>;
type Waiting = { resolve(result: Result): void; reject(error: unknown): void };

/** Hands deliveries from a source that pushes to lanes that pull, in order. It is the source that keeps it short. */
export class DeliveryQueue<T extends Delivery> implements AsyncIterableIterator<Delivery, undefined> {
  #queued: T[] = [];
  readonly #waiting: Waiting[] = [];
  #end: { error?: unknown } | undefined;

  push(delivery: T): void {
    if (this.#end !== undefined) return;
    const lane = this.#waiting.shift();
    if (lane === undefined) this.#queued.push(delivery);
    else lane.resolve({ done: false, value: delivery });
  }

  /** Lets go of what nobody has taken yet. */
  drop(unwanted: (delivery: T) => boolean): void {
    this.#queued = this.#queued.filter((delivery) => !unwanted(delivery));
  }

  /** Hands out nothing more; lanes are told that this is the end, or the error that ended it. */
  end(error?: unknown): void {
    if (this.#end !== undefined) return;
    this.#end = error === undefined ? {} : { error };
    this.#queued = [];
    for (const lane of this.#waiting.splice(0)) this.#tellEnd(lane);
  }

  next(): Promise<Result> {
    return new Promise((resolve, reject) => {
      const delivery = this.#queued.shift();
      if (delivery !== undefined) resolve({ done: false, value: delivery });
      else if (this.#end === undefined) this.#waiting.push({ resolve, reject });
      else this.#tellEnd({ resolve, reject });
    });
  }

  async return(): Promise<Result> {
    this.end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #tellEnd({ resolve, reject }: Waiting): void {
    if (this.#end !== undefined && 'error' in this.#end) reject(this.#end.error);
    else resolve({ done: true, value: undefined });
  }
}
