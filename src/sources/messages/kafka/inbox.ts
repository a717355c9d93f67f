import type { KafkaMessage } from 'kafkajs';

/** Messages of one partition that were fetched and not yet begun, in their order. What a fetch brought is kept whole. */
export class Inbox {
  readonly #messages: KafkaMessage[] = [];
  #end: number | undefined;

  /** @param end the offset after all that was fetched, which may be more than messages: a transaction's marker is none */
  add(messages: readonly KafkaMessage[], end: number): void {
    for (const message of messages) this.#messages.push(message);
    this.#end = Math.max(end, this.#end ?? end);
  }

  /** What is fetched next begins here, or earlier; undefined before the first fetch, and after all was forgotten. */
  get reached(): number | undefined {
    return this.#end;
  }

  get length(): number {
    return this.#messages.length;
  }

  get first(): KafkaMessage | undefined {
    return this.#messages[0];
  }

  shift(): KafkaMessage | undefined {
    return this.#messages.shift();
  }

  /** Once it is empty, everything below is known to hold no further messages. */
  get end(): number | undefined {
    return this.#messages.length === 0 ? this.#end : undefined;
  }

  /** Forgets what it holds: it will be fetched again. */
  clear(): void {
    this.#messages.splice(0);
    this.#end = undefined;
  }
}
