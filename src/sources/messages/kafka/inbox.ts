import type { KafkaMessage } from 'kafkajs';

/** Messages of one partition that were fetched and not yet begun, in their order. What a fetch brought is kept whole. */
export class Inbox {
  #messages: readonly KafkaMessage[] = [];
  /** How many of them were begun: to shift an array of thousands moves them all. */
  #begun = 0;
  #end: number | undefined;

  /** @param end the offset after all that was fetched, which may be more than messages: a transaction's marker is none */
  add(messages: readonly KafkaMessage[], end: number): void {
    this.#messages = this.length === 0 ? messages : [...this.#messages.slice(this.#begun), ...messages];
    this.#begun = 0;
    this.#end = Math.max(end, this.#end ?? end);
  }

  /** What is fetched next begins here, or earlier; undefined before the first fetch, and after all was forgotten. */
  get reached(): number | undefined {
    return this.#end;
  }

  get length(): number {
    return this.#messages.length - this.#begun;
  }

  get first(): KafkaMessage | undefined {
    return this.#messages[this.#begun];
  }

  shift(): KafkaMessage | undefined {
    const message = this.#messages[this.#begun];
    if (message !== undefined) this.#begun += 1;
    return message;
  }

  /** Once it is empty, everything below is known to hold no further messages. */
  get end(): number | undefined {
    return this.length === 0 ? this.#end : undefined;
  }

  /** Forgets what it holds: it will be fetched again. */
  clear(): void {
    this.#messages = [];
    this.#begun = 0;
    this.#end = undefined;
  }
}
