import { describe, expect, it } from 'vitest';
import { healthChecks } from '../../src/commands/health-checks.ts';

describe('healthChecks', () => {
  const check = (health: object = {}, trouble?: string, stopping = false) => {
    const kafka = () => ({ joined: true, secondsSinceHeartbeat: 1, secondsSinceSign: 1, stopped: false, ...health });
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

  it('is not ready after a session of silence, and worth keeping alive while the consumer tries to come back', () => {
    const reason = ['the consumer group has not answered for 15 s'];
    expect(check({ secondsSinceHeartbeat: 10 })).toEqual([[], []]);
    expect(check({ secondsSinceHeartbeat: 15 })).toEqual([[], reason]);
    expect(check({ secondsSinceHeartbeat: 15, secondsSinceSign: 60 })).toEqual([[], reason]);
    const lifeless = ['the Kafka consumer has done nothing for 61 s'];
    expect(check({ secondsSinceHeartbeat: 15, secondsSinceSign: 61 })).toEqual([lifeless, reason]);
  });

  it('is started once the group has been joined, and stays so', () => {
    let joined = false;
    const kafka = () => ({ joined, secondsSinceHeartbeat: 1, secondsSinceSign: 1, stopped: false });
    const { signal } = new AbortController();
    const { started } = healthChecks({ kafka, outcomes: { trouble: () => undefined }, sessionSeconds: 10, signal });
    const answers = [false, true, false].map((is) => {
      joined = is;
      return started().length;
    });
    expect(answers).toEqual([1, 0, 0]);
  });

  it('is started even if only its readiness was asked for while the group was joined', () => {
    let joined = true;
    const kafka = () => ({ joined, secondsSinceHeartbeat: 1, secondsSinceSign: 1, stopped: false });
    const { signal } = new AbortController();
    const checks = healthChecks({ kafka, outcomes: { trouble: () => undefined }, sessionSeconds: 10, signal });
    expect(checks.ready()).toEqual([]);
    joined = false;
    expect(checks.started()).toEqual([]);
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
