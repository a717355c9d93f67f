import type { Consumer } from 'kafkajs';

/**
 * Knows when the consumer last gave a sign of life, on a clock that no one sets. A heartbeat that was answered says that
 * the group still counts on us; anything else that kafkajs does, a try to come back after an outage among it, says that
 * a new process would do no better.
 */
export class ConsumerPulse {
  #heartbeat = performance.now();
  #sign = performance.now();

  listen({ on, events }: Pick<Consumer, 'on' | 'events'>, beat: () => void): void {
    on(events.HEARTBEAT, () => {
      this.beat();
      beat();
    });
    const sign = () => {
      this.#sign = performance.now();
    };
    for (const event of [events.FETCH_START, events.CRASH, events.CONNECT, events.REQUEST_TIMEOUT, events.REBALANCING])
      on(event as typeof events.CONNECT, sign);
  }

  /** The group has answered. */
  beat(): void {
    this.#heartbeat = performance.now();
    this.#sign = this.#heartbeat;
  }

  get secondsSinceHeartbeat(): number {
    return (performance.now() - this.#heartbeat) / 1000;
  }

  get secondsSinceSign(): number {
    return (performance.now() - this.#sign) / 1000;
  }

  /** Of the last heartbeat, in seconds since 1970. */
  get lastHeartbeat(): number {
    return (performance.timeOrigin + this.#heartbeat) / 1000;
  }
}
