import { createRequire } from 'node:module';
import { expectKafkajs } from '../../../expect-kafkajs.ts';

/** What is used of the queue that kafkajs keeps for each connection. */
type RequestQueue = {
  readonly pending: readonly unknown[];
  /** By number: what has been sent and not answered. */
  readonly inflight: ReadonlyMap<number, Request>;
  /** A broker may ask for a pause; in milliseconds since 1970, -1 for none yet. */
  readonly throttledUntil: number;
  readonly enforceRequestTimeout: boolean;
  requestTimeoutIntervalId: NodeJS.Timeout | null;
  isConnected(): boolean;
  scheduleCheckPendingRequests(): void;
  scheduleRequestTimeoutCheck(): void;
  destroy(): void;
};
type Request = { readonly sentAt: number; readonly requestTimeout: number; timeoutRequest(): void };

const require = createRequire(import.meta.url);
const { prototype: queue }: { prototype: RequestQueue } = require('kafkajs/src/network/requestQueue/index.js');
const schedule = queue.scheduleCheckPendingRequests;

/** How often to look for requests that are late: they have thirty seconds. */
const LATENESS_MILLISECONDS = 1000;

/**
 * Lets a process sleep that has nothing to do but kafkajs 2.2.4, which wakes it for each connection by two timers.
 *
 * One looks for waiting requests after the first answer, and sets itself again with a negative delay, every millisecond
 * for nothing (its issue 1704). Node 24 and later warn of the delay, in the middle of our log (issue 1751). Here it is
 * set only while a request waits or the broker wants a pause. The other looks ten times a second whether a request is
 * late; here once. May be called twice.
 * @throws {Error} for another version of kafkajs
 */
export function calmIdleTimers(): void {
  expectKafkajs();
  queue.scheduleCheckPendingRequests = function scheduleIfNeeded(this: RequestQueue) {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
  };
  queue.scheduleRequestTimeoutCheck = function lookEachSecond(this: RequestQueue) {
    if (!this.enforceRequestTimeout) return;
    this.destroy();
    this.requestTimeoutIntervalId = setInterval(() => giveUpLate(this), LATENESS_MILLISECONDS);
  };
}

function giveUpLate(queue: RequestQueue): void {
  for (const request of queue.inflight.values())
    if (Date.now() - request.sentAt > request.requestTimeout) request.timeoutRequest();
  if (!queue.isConnected()) queue.destroy();
}
