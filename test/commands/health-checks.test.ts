import { describe, expect, it } from 'vitest';
import { healthChecks } from '../../src/commands/health-checks.ts';

describe('healthChecks', () => {
  const check = (health: object = {}, trouble?: string, stopping = false) => {
    const kafka = () => ({ joined: true, secondsSinceHeartbeat: 1, stopped: false, ...health });
    const signal = stopping ? AbortSignal.abort() : new AbortController().signal;
    const { live, ready } = healthChecks({ kafka, outcomes: { trouble: () => trouble }, sessionSeconds: 10, signal });
    return [live(), ready()];
  };

  it('finds nothing wrong while the group answers and outcomes leave', () => {
    expect(check()).toEqual([[], []]);
    const { signal } = new AbortController();
    const lines = healthChecks({
      kafka: undefined,
      outcomes: { trouble: () => undefined },
      sessionSeconds: 10,
      signal,
    });
    expect([lines.live(), lines.ready()]).toEqual([[], []]);
  });

  it('is not ready after a session of silence, and not worth keeping alive after two', () => {
    const reason = (seconds: number) => [`the consumer group has not answered for ${seconds} s`];
    expect(check({ secondsSinceHeartbeat: 10 })).toEqual([[], []]);
    expect(check({ secondsSinceHeartbeat: 15 })).toEqual([[], reason(15)]);
    expect(check({ secondsSinceHeartbeat: 21 })).toEqual([reason(21), reason(21)]);
  });

  it.each([
    [{ joined: false }, undefined, false, [], ['the consumer group is not joined']],
    [{}, 'Kafka has not taken an outcome for 7 s', false, [], ['Kafka has not taken an outcome for 7 s']],
    [{}, undefined, true, [], ['stopping: begun scenes are being finished']],
    [
      { stopped: true },
      undefined,
      false,
      ['the Kafka consumer has stopped for good'],
      ['the Kafka consumer has stopped for good'],
    ],
  ])('tells the reason: %j, %s, %s', (health, trouble, stopping, live, ready) => {
    expect(check(health, trouble, stopping)).toEqual([live, ready]);
  });
});
