import { Kafka, logLevel } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { startKafka } from './kafka-broker.ts';
import { parts } from './parts.ts';

describe.skipIf(!parts.kafka)('startKafka, needs kafka', () => {
  it('gives a broker that keeps what it is sent, and is gone after stop', async () => {
    const { brokers, stop } = await startKafka();
    const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING, retry: { retries: 0 } });
    const admin = kafka.admin();
    try {
      await admin.connect();
      await admin.createTopics({ topics: [{ topic: 'scenes', numPartitions: 4 }] });
      const producer = kafka.producer();
      await producer.connect();
      await producer.send({ topic: 'scenes', acks: -1, messages: [{ value: 'one', partition: 2 }] });
      await producer.disconnect();
      const ends = (await admin.fetchTopicOffsets('scenes')).sort((a, b) => a.partition - b.partition);
      expect(ends.map(({ high }) => high)).toEqual(['0', '0', '1', '0']);
    } finally {
      await admin.disconnect();
      await stop();
    }
    await expect(kafka.admin().connect()).rejects.toThrow();
  });
});
