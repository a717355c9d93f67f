import type { IHeaders, KafkaMessage } from 'kafkajs';
import type { RetryTopic } from '../../../retry-topics.ts';

/** The header of a message that is to wait: when its turn comes, in milliseconds since 1970. */
const NOT_BEFORE = 'saccade_not_before';

/**
 * When messages are due. None waits longer than its retry topic makes messages wait, from when it was first seen here:
 * the clock of whoever put it off may have been ahead by days, and what comes after it would wait as well. In any other
 * topic the header means nothing.
 */
export class NotBefore {
  readonly #delays: ReadonlyMap<string, number>;
  readonly #seen = new WeakMap<Pick<KafkaMessage, 'headers'>, number>();

  constructor(topics: readonly RetryTopic[]) {
    this.#delays = new Map(topics.map(({ topic, seconds }) => [topic, 1000 * seconds]));
  }

  /** @returns in milliseconds since 1970; 0 for a message that need not wait, or whose header says nothing that can be read */
  of(message: Pick<KafkaMessage, 'headers'>, topic: string): number {
    const delay = this.#delays.get(topic);
    if (delay === undefined) return 0;
    const time = timeIn(message.headers);
    if (time === 0) return 0;
    const seen = this.#seen.get(message) ?? Date.now();
    this.#seen.set(message, seen);
    return Math.min(time, seen + delay);
  }
}

function timeIn(headers: IHeaders | undefined): number {
  const header = headers?.[NOT_BEFORE];
  const time = header === undefined ? 0 : Number(String(header));
  return Number.isFinite(time) ? time : 0;
}
