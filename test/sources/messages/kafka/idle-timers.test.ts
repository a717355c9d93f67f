import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { calmIdleTimers } from '../../../../src/sources/messages/kafka/idle-timers.ts';

type Queue = {
  checkPendingRequests(): void;
  push(request: object): void;
  fulfillRequest(answer: object): void;
  maybeThrottle(milliseconds: number): void;
  scheduleRequestTimeoutCheck(): void;
  destroy(): void;
};

const require = createRequire(import.meta.url);
const RequestQueue: new (options: object) => Queue = require('kafkajs/src/network/requestQueue/index.js');

/** kafkajs's own queue, which counts how often it looks for waiting requests. */
class CountingQueue extends RequestQueue {
  checks = 0;
  override checkPendingRequests(): void {
    this.checks += 1;
    super.checkPendingRequests();
  }
}

describe('calmIdleTimers', () => {
  let queue: CountingQueue;
  let sent: number[];
  beforeAll(() => calmIdleTimers());
  beforeEach(() => {
    const logger = { debug() {}, warn() {} };
    sent = [];
    queue = new CountingQueue({ maxInFlightRequests: 1, requestTimeout: 60_000, clientId: '', broker: '', logger });
  });

  function push(correlationId: number): void {
    const entry = { correlationId, resolve() {}, reject() {} };
    queue.push({ entry, expectResponse: true, sendRequest: () => sent.push(correlationId) });
  }

  const answer = (correlationId: number) => queue.fulfillRequest({ correlationId, payload: null, size: 0 });

  it('leaves a connection asleep after an answer, and gives Node nothing to warn of', async () => {
    const warnings: string[] = [];
    const listen = (warning: Error) => warnings.push(warning.name);
    process.on('warning', listen);
    push(1);
    answer(1);
    await sleep(100);
    process.off('warning', listen);
    expect(warnings).toEqual([]);
    expect(queue.checks).toBe(1);
  });

  it('gives up a request that is late, and no other, and looks no more once the connection has gone', async () => {
    vi.useFakeTimers();
    try {
      const state = { isConnected: true };
      const isConnected = () => state.isConnected;
      const more = { maxInFlightRequests: 2, requestTimeout: 3000, enforceRequestTimeout: true, isConnected };
      const logger = { debug() {}, warn() {} };
      const strict = new RequestQueue({ ...more, clientId: '', broker: '', logger });
      strict.scheduleRequestTimeoutCheck();
      const late: string[] = [];
      const ask = (correlationId: number) => {
        const reject = (error: Error) => late.push(`${correlationId} ${error.name}`);
        const entry = { correlationId, resolve() {}, reject };
        strict.push({ entry, expectResponse: true, sendRequest() {} });
      };
      ask(1);
      await vi.advanceTimersByTimeAsync(2500);
      ask(2);
      await vi.advanceTimersByTimeAsync(2000);
      expect(late).toEqual(['1 KafkaJSRequestTimeoutError']);
      state.isConnected = false;
      await vi.advanceTimersByTimeAsync(1000);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('still sends what waits for an answer', () => {
    push(1);
    push(2);
    expect(sent).toEqual([1]);
    answer(1);
    expect(sent).toEqual([1, 2]);
    queue.destroy();
  });

  it('still sends what waits for the end of a pause, once it is over', async () => {
    queue.maybeThrottle(50);
    push(1);
    expect(sent).toEqual([]);
    for (let n = 0; n < 1000 && sent.length === 0; n += 1) await sleep(10);
    expect(sent).toEqual([1]);
    answer(1);
    queue.destroy();
  });
});
