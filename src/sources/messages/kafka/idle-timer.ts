import { createRequire } from 'node:module';

/** What is used of the queue that kafkajs keeps for each connection. */
type RequestQueue = {
  readonly pending: readonly unknown[];
  /** A broker may ask for a pause; in milliseconds since 1970, -1 for none yet. */
  readonly throttledUntil: number;
  scheduleCheckPendingRequests(): void;
};

const require = createRequire(import.meta.url);
const { prototype: queue }: { prototype: RequestQueue } = require('kafkajs/src/network/requestQueue/index.js');
const schedule = queue.scheduleCheckPendingRequests;

/**
 * Takes a timer from kafkajs 2.2.4 that wakes each connection every millisecond for nothing: after the first answer it
 * looks for waiting requests, and sets itself again with a negative delay (its issue 1704). Node 24 and later warn of
 * the delay, in the middle of our log (issue 1751). Here it is set only while a request waits or the broker wants a
 * pause. May be called twice.
 */
export function stopIdleTimer(): void {
  queue.scheduleCheckPendingRequests = function scheduleIfNeeded(this: RequestQueue) {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
  };
}
