import type { Delivery } from '../../../scene.ts';
import { LaneOrder, type Ordered, type Ordering } from './lane-order.ts';

type Result = IteratorResult<Delivery, undefined>;
type Waiting = { resolve(result: Result): void; reject(error: unknown): void };

/** Hands deliveries from a source that pushes to lanes that pull. It is the source that keeps it short. */
export class DeliveryQueue<P, T extends Delivery & Ordered<P>> implements AsyncIterableIterator<Delivery, undefined> {
  readonly #order: LaneOrder<P, T>;
  readonly #waiting: Waiting[] = [];
  #end: { error?: unknown } | undefined;

  constructor(ordering: Ordering) {
    this.#order = new LaneOrder(ordering);
  }

  push(delivery: T): void {
    if (this.#end !== undefined) return;
    this.#order.add(delivery);
    this.#serve();
  }

  /** The work on it has ended; what had to wait for that may begin. */
  release(delivery: T): void {
    this.#order.release(delivery);
    this.#serve();
  }

  /** It has given its lane to others for a while; or has one again. */
  aside(delivery: T, waits: boolean): void {
    this.#order.aside(delivery, waits);
  }

  /** Lets go of a partition, with all that waits. */
  forget(partition: P): void {
    this.#order.forget(partition);
  }

  /** Hands out nothing more; lanes are told that this is the end, or the error that ended it. */
  end(error?: unknown): void {
    if (this.#end !== undefined) return;
    this.#end = error === undefined ? {} : { error };
    this.#order.clear();
    for (const lane of this.#waiting.splice(0)) this.#tellEnd(lane);
  }

  next(): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) return this.#tellEnd({ resolve, reject });
      this.#waiting.push({ resolve, reject });
      this.#serve();
    });
  }

  async return(): Promise<Result> {
    this.end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #serve(): void {
    while (this.#waiting.length > 0) {
      const value = this.#order.take();
      if (value === undefined) return;
      this.#waiting.shift()?.resolve({ done: false, value });
    }
  }

  #tellEnd({ resolve, reject }: Waiting): void {
    if (this.#end !== undefined && 'error' in this.#end) reject(this.#end.error);
    else resolve({ done: true, value: undefined });
  }
}
