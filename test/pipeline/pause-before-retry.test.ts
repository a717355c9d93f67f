import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { SceneError } from '../../src/errors.ts';
import { retryTransient } from '../../src/pipeline/retry-transient.ts';

const passing = new SceneError('source.unreachable', 'refused');
const lasting = new SceneError('source.missing', '404');
const settings = { attempts: 4, baseSeconds: 0.01, maxSeconds: 0.03 };

function* always(value: number): Generator<number, never> {
  for (;;) yield value;
}

function marbles(run: (helpers: Parameters<Parameters<TestScheduler['run']>[0]>[0]) => void): void {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(run);
}

describe('retryTransient', () => {
  it('pauses twice as long each time, up to a bound, and then gives the last failure', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('#', {}, passing);
      const retried: unknown[] = [];
      expectObservable(source.pipe(retryTransient(settings, always(1), (e) => retried.push(e)))).toBe(
        '60ms #',
        {},
        passing,
      );
      expectSubscriptions(source.subscriptions).toBe(['(^!)', '10ms (^!)', '30ms (^!)', '60ms (^!)']);
    });
  });

  it('gives a server the pause that it asked for, up to the longest', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const busy = new SceneError('source.unreachable', '429', { retryAfterSeconds: 0.02 });
      const source = cold('#', {}, busy);
      expectObservable(source.pipe(retryTransient(settings, always(0.5), () => {}))).toBe('60ms #', {}, busy);
      expectSubscriptions(source.subscriptions).toBe(['(^!)', '20ms (^!)', '40ms (^!)', '60ms (^!)']);
      const shut = new SceneError('source.unreachable', '503', { retryAfterSeconds: 600 });
      expectObservable(cold('#', {}, shut).pipe(retryTransient(settings, always(0.5), () => {}))).toBe(
        '90ms #',
        {},
        shut,
      );
    });
  });

  it('jitters each pause by a number of the generator it was passed', () => {
    marbles(({ cold, expectSubscriptions, expectObservable }) => {
      const source = cold('#', {}, passing);
      const numbers = [0.5, 0.1, 0.9][Symbol.iterator]() as Iterator<number, never>;
      expectObservable(source.pipe(retryTransient(settings, numbers, () => {}))).toBe('34ms #', {}, passing);
      expectSubscriptions(source.subscriptions).toBe(['(^!)', '5ms (^!)', '7ms (^!)', '34ms (^!)']);
    });
  });

  it('does not try again what will not pass, nor what is a bug', () => {
    marbles(({ cold, expectObservable }) => {
      for (const error of [lasting, new TypeError('bug')])
        expectObservable(cold('-#', {}, error).pipe(retryTransient(settings, always(1), () => {}))).toBe(
          '-#',
          {},
          error,
        );
    });
  });

  it('tells of each failure that it tries again', () => {
    const told: unknown[] = [];
    marbles(({ cold, expectObservable }) => {
      const retried = cold('#', {}, passing).pipe(
        retryTransient({ ...settings, attempts: 2 }, always(1), (e) => told.push(e)),
      );
      expectObservable(retried).toBe('10ms #', {}, passing);
    });
    expect(told).toEqual([passing]);
  });
});
