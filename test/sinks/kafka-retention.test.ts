import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { warnOfRetention } from '../../src/sinks/kafka-retention.ts';
import { freePort } from '../setup/free-port.ts';
import { type KafkaBroker, startKafka } from '../setup/kafka-broker.ts';
import { KafkaTopics } from '../setup/kafka-topics.ts';
import { parts } from '../setup/parts.ts';

describe.skipIf(!parts.kafka)('warnOfRetention, needs kafka', () => {
  let broker: KafkaBroker;
  let topics: KafkaTopics;

  beforeAll(async () => {
    broker = await startKafka();
    topics = new KafkaTopics(broker.brokers);
    await topics.create(['dead'], 1);
  });
  afterAll(() => broker?.stop());

  const week = String(7 * 24 * 3_600_000);
  const line =
    "warn dead (kafka.deadLetterTopic) keeps records for 168 h from their messages' time: " +
    'dead letters of older messages vanish; set its retention.ms to -1';
  it.each([
    ['warns of a topic that keeps records for a week', { 'retention.ms': week }, [line]],
    ['not of one that keeps them for ever', { 'retention.ms': '-1' }, []],
    ['nor from when it took them', { 'retention.ms': week, 'message.timestamp.type': 'LogAppendTime' }, []],
    ['nor of one that keeps the last of each key', { 'retention.ms': week, 'cleanup.policy': 'compact' }, []],
  ])('%s', async (_, settings, lines) => {
    await topics.configure('dead', settings);
    expect(await warned(broker.brokers, 'dead')).toEqual(lines);
  });
});

describe('warnOfRetention', () => {
  it('says nothing to an operator where no broker tells', async () => {
    expect(await warned([`127.0.0.1:${await freePort()}`], 'dead')).toEqual([]);
  });
});

/** What an operator hears. */
async function warned(brokers: string[], topic: string): Promise<string[]> {
  const lines: string[] = [];
  const log = (level: string, message: string) => {
    if (level !== 'debug') lines.push(`${level} ${message}`);
  };
  await warnOfRetention(brokers, topic, { log, setting: 'kafka.deadLetterTopic' });
  return lines;
}
