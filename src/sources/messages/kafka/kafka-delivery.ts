import type { Taken } from '../../../exactly-once.ts';
import type { Delivery, Message } from '../../../scene.ts';
import type { Partition } from './group-partitions.ts';
import type { Ordered } from './lane-order.ts';
import type { SendGate } from './send-gate.ts';

export type DeliveryParts = {
  readonly gate: SendGate;
  /** Told once the result is safe. */
  readonly finished: (delivery: KafkaDelivery) => void;
  /** Told that it begins to wait aside, or waits no more. */
  readonly moved: (delivery: KafkaDelivery, waits: boolean) => void;
};

/** A message of a partition that is being worked on: its result leaves while the partition is ours, and then counts. */
export class KafkaDelivery implements Delivery, Ordered<Partition> {
  readonly message: Message;
  readonly partition: Partition;
  readonly offset: number;
  /** Where messages with the same key are kept in order. */
  readonly key: string | undefined;
  readonly #parts: DeliveryParts;

  constructor(message: Message, place: Ordered<Partition> & { readonly offset: number }, parts: DeliveryParts) {
    this.message = message;
    this.partition = place.partition;
    this.offset = place.offset;
    this.key = place.key;
    this.#parts = parts;
  }

  get taken(): Taken {
    return this; // it has both
  }

  get lost(): AbortSignal {
    return this.partition.lost.signal;
  }

  aside(waits: boolean): void {
    this.#parts.moved(this, waits);
  }

  settle<T>(send: () => Promise<T>): Promise<T | undefined> {
    const isOurs = () => !this.lost.aborted;
    const sendAndCount = () =>
      send().then((sent) => {
        this.#parts.finished(this);
        return sent;
      });
    return this.#parts.gate.pass(isOurs, sendAndCount);
  }
}
