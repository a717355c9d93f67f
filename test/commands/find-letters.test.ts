import { describe, expect, it, vi } from 'vitest';
import { findLetters } from '../../src/commands/find-letters.ts';
import { loadConfig } from '../../src/load-config.ts';
import type { TopicRecord } from '../../src/sources/messages/kafka/read-topic.ts';

const records = vi.hoisted((): TopicRecord[] => []);

vi.mock('../../src/sources/messages/kafka/read-topic.ts', () => ({
  readTopic: async (_settings: object, _parts: object, each: (record: TopicRecord) => void) => records.forEach(each),
}));

function letterOf(topic: string, offset: number): TopicRecord {
  const headers = {
    saccade_code: 'source.missing',
    saccade_reason: 'no',
    saccade_stage: 'open',
    saccade_attempts: '1',
    saccade_time: `2026-01-01T00:00:0${offset}Z`,
    saccade_version: '0',
    saccade_topic: topic,
    saccade_partition: '0',
    saccade_offset: '5',
  };
  return { partition: 0, offset: String(offset), timestamp: 1, key: null, value: Buffer.from('v'), headers };
}

describe('findLetters', () => {
  it('finds those of the input topic and of the retry topics, and no others', async () => {
    const topics = ['in', 'in.retry.1m', 'later', 'in.retry.2m', 'of-another-service'];
    records.push(...topics.map(letterOf));
    const config = await loadConfig({ SACCADE_KAFKA_INPUT_TOPIC: 'in', SACCADE_KAFKA_RETRY_TOPICS: '1m,later=10m' });
    const letters = await findLetters(config, () => true, new AbortController().signal);
    expect(letters.map(({ source }) => source.topic)).toEqual(['in', 'in.retry.1m', 'later']);
  });
});
