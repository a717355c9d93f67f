import { createRequire } from 'node:module';
import { expectKafkajs } from '../expect-kafkajs.ts';
import { type BatchRecord, recordBatch } from './kafka-record-batch.ts';

/** What is used of what kafkajs makes of a send. */
type Produce = {
  readonly acks: number;
  readonly timeout: number;
  readonly transactionalId?: string | null;
  /** In digits, or -1 where nobody in particular sends. */
  readonly producerId?: string | number;
  readonly producerEpoch?: number;
  readonly compression?: number;
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly Partition[];
  }[];
};
type Partition = {
  readonly partition: number;
  readonly firstSequence?: number;
  readonly messages: readonly BatchRecord[];
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
 * Has kafkajs 2.2.4 write what it sends by `recordBatch`, which takes a third of the time, and can write a
 * header without a value, at which kafkajs throws. What is compressed goes kafkajs's way. May be called twice.
 * @throws {Error} for another version of kafkajs
 */
export function writeRecordsQuickly(): void {
  expectKafkajs();
  const loaded = require.cache[path];
  if (loaded === undefined) throw new Error('kafkajs has no produce request to write quickly');
  loaded.exports = (produce: Produce) => {
    const request = original(produce);
    return produce.compression ? request : { ...request, encode: async () => encode(produce) };
  };
}

function encode(produce: Produce): Encoder {
  const { acks, timeout, topicData, transactionalId = null } = produce;
  const now = Date.now();
  const topics = topicData.map(({ topic, partitions }) => {
    const batches = partitions.map((part) => [part.partition, batchOf(part, produce, now)] as const);
    return { topic, batches };
  });
  const bytes = topics.flatMap(({ batches }) => batches).reduce((sum, [, batch]) => sum + batch.length + 8, 512);
  const request = new NewEncoder(bytes).writeString(transactionalId).writeInt16(acks).writeInt32(timeout);
  request.writeInt32(topics.length);
  for (const { topic, batches } of topics) {
    request.writeString(topic).writeInt32(batches.length);
    for (const [partition, batch] of batches) request.writeInt32(partition).writeBytes(batch);
  }
  return request;
}

function batchOf({ messages, firstSequence = 0 }: Partition, produce: Produce, now: number): Buffer {
  const { producerId = -1, producerEpoch = 0, transactionalId } = produce;
  return recordBatch(messages, now, {
    id: BigInt(producerId),
    epoch: producerEpoch,
    sequence: firstSequence,
    isTransactional: Boolean(transactionalId),
  });
}
