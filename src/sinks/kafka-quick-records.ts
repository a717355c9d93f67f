import { createRequire } from 'node:module';
import { expectKafkajs } from '../expect-kafkajs.ts';
import { type BatchRecord, recordBatch } from './kafka-record-batch.ts';

/** What is used of what kafkajs makes of a send. */
type Produce = {
  readonly acks: number;
  readonly timeout: number;
  readonly transactionalId?: string | null;
  readonly producerId: unknown;
  readonly compression?: number;
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number; readonly messages: readonly BatchRecord[] }[];
  }[];
};
type Request = { encode(): Promise<Encoder> };
type Encoder = {
  writeString(text: string | null): Encoder;
  writeInt16(value: number): Encoder;
  writeInt32(value: number): Encoder;
  writeBytes(bytes: Buffer): Encoder;
};

const require = createRequire(import.meta.url);
const NewEncoder: new (bytes: number) => Encoder = require('kafkajs/src/protocol/encoder.js');
/** Of the newest version that kafkajs speaks, and every broker since Kafka 2.1. It is looked up for each request. */
const path = require.resolve('kafkajs/src/protocol/requests/produce/v7/request.js');
const original: (produce: Produce) => Request = require(path);

/**
 * Has kafkajs 2.2.4 write what it sends by `recordBatch`, which takes a third of the time. What is compressed or sent by
 * an idempotent producer goes kafkajs's way. May be called twice.
 * @throws {Error} for another version of kafkajs
 */
export function writeRecordsQuickly(): void {
  expectKafkajs();
  const loaded = require.cache[path];
  if (loaded === undefined) throw new Error('kafkajs has no produce request to write quickly');
  loaded.exports = (produce: Produce) => {
    const request = original(produce);
    const isPlain = !produce.compression && !produce.transactionalId && Number(produce.producerId) === -1;
    return isPlain ? { ...request, encode: async () => encode(produce) } : request;
  };
}

function encode({ acks, timeout, topicData }: Produce): Encoder {
  const now = Date.now();
  const topics = topicData.map(({ topic, partitions }) => {
    const batches = partitions.map(({ partition, messages }) => [partition, recordBatch(messages, now)] as const);
    return { topic, batches };
  });
  const bytes = topics.flatMap(({ batches }) => batches).reduce((sum, [, batch]) => sum + batch.length + 8, 512);
  const request = new NewEncoder(bytes).writeString(null).writeInt16(acks).writeInt32(timeout);
  request.writeInt32(topics.length);
  for (const { topic, batches } of topics) {
    request.writeString(topic).writeInt32(batches.length);
    for (const [partition, batch] of batches) request.writeInt32(partition).writeBytes(batch);
  }
  return request;
}
