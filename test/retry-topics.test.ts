import { describe, expect, it } from 'vitest';
import { configSchema } from '../src/config.ts';
import { retryTopics } from '../src/retry-topics.ts';

describe('retryTopics', () => {
  it('names topics after the input topic, or as they are named', () => {
    expect(retryTopics('scenes', ['30s', '10m', 'much-later=2h'])).toEqual([
      { topic: 'scenes.retry.30s', seconds: 30 },
      { topic: 'scenes.retry.10m', seconds: 600 },
      { topic: 'much-later', seconds: 7200 },
    ]);
  });

  it.each(['0m', '1', 'm', '1d', '=1m', 'a b=1m'])('of %s are refused by the settings', (entry) => {
    expect(configSchema.safeParse({ kafka: { retryTopics: [entry] } }).success).toBe(false);
    expect(configSchema.safeParse({ kafka: { retryTopics: ['10m'] } }).success).toBe(true);
  });

  it('are not one of the other topics, nor twice the same', () => {
    expect(configSchema.safeParse({ kafka: { retryTopics: ['scenes-failed=1m'] } }).success).toBe(false);
    expect(configSchema.safeParse({ kafka: { retryTopics: ['1m', '1m'] } }).success).toBe(false);
  });
});
