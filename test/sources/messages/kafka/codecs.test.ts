import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerCodecs } from '../../../../src/sources/messages/kafka/codecs.ts';
import { type KafkaBroker, startKafka } from '../../../setup/kafka-broker.ts';
import { KafkaTopics } from '../../../setup/kafka-topics.ts';
import { parts } from '../../../setup/parts.ts';

describe.skipIf(!parts.kafka)('registerCodecs, needs kafka', () => {
  let broker: KafkaBroker;
  let topics: KafkaTopics;

  beforeAll(async () => {
    broker = await startKafka();
    topics = new KafkaTopics(broker.brokers);
    registerCodecs();
    registerCodecs();
  });
  afterAll(() => broker?.stop());

  it.each(['gzip', 'snappy', 'lz4', 'zstd'])('has kafkajs read %s as Java writes it', async (codec) => {
    await topics.create([codec], 1);
    await topics.configure(codec, { 'compression.type': codec }); // the broker is written in Java, and compresses anew
    const values = Array.from({ length: 1000 }, (_, n) => `${n} ${'of many much alike '.repeat(n % 50)}`);
    await topics.send(
      codec,
      values.map((value) => ({ value })),
    );
    expect((await topics.readAll(codec)).map(({ value }) => String(value))).toEqual(values);
  });
});
