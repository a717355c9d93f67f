import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { DeadLetter } from '../../src/dead-letters.ts';
import { kafkaReplay } from '../../src/sinks/kafka-replay.ts';

type Sent = { readonly key: Buffer | null; readonly partition?: number; taken: boolean };
type Batch = { readonly topicMessages: readonly { readonly topic: string; readonly messages: readonly Sent[] }[] };

/** Stands for the producer and the admin of kafkajs, on an input topic of three partitions. */
const fake = vi.hoisted(() => ({
  calls: [] as string[],
  failing: '',
  sent: [] as { readonly topic: string; readonly partition: number | undefined }[],
  call(name: string) {
    fake.calls.push(name);
    if (fake.failing === name) throw new Error(`no ${name}`);
  },
}));

vi.mock('kafkajs', async (load) => ({
  ...(await load<object>()),
  Kafka: class {
    producer = () => ({
      connect: async () => fake.call('connect'),
      disconnect: async () => fake.call('disconnect'),
      async transaction() {
        fake.call('transaction');
        return { async abort() {}, async commit() {}, sendBatch };
      },
    });
    admin = () => ({
      async connect() {},
      async disconnect() {},
      async fetchTopicMetadata() {
        fake.call('metadata');
        return { topics: [{ partitions: [{}, {}, {}] }] };
      },
    });
  },
}));

async function sendBatch({ topicMessages }: Batch): Promise<void> {
  for (const { topic, messages } of topicMessages)
    for (const message of messages) {
      fake.sent.push({ topic, partition: message.partition });
      message.taken = true;
    }
}

const settings = { brokers: ['nowhere:9092'], inputTopic: 'in', deadLetterTopic: 'dead' };

function letterOf(topic: string, key: Buffer | null): DeadLetter {
  const time = '2026-01-01T00:00:00Z';
  return {
    ...{ id: '0@1', partition: 0, offset: '1', message: { key, value: null, headers: {} } },
    ...{ code: 'internal', reason: 'no', stage: 'open', attempts: 1, firstFailure: time, time, version: '0' },
    source: { topic, partition: 1, offset: '5' },
  };
}

describe('kafkaReplay', () => {
  beforeEach(() => {
    Object.assign(fake, { calls: [], failing: '', sent: [] });
  });

  it.each(['connect', 'metadata', 'transaction'])('leaves no connection where its %s fails', async (name) => {
    fake.failing = name;
    await expect(kafkaReplay(settings, () => {})).rejects.toThrow(`no ${name}`);
    expect(fake.calls.at(-1)).toBe('disconnect');
  });

  it('sends to the partition of the input topic that a letter came from', async () => {
    await (await kafkaReplay(settings, () => {})).send([letterOf('in', Buffer.from('k'))]);
    expect(fake.sent).toContainEqual({ topic: 'in', partition: 1 });
  });

  it('has the key choose the partition for what came from a retry topic', async () => {
    const replay = await kafkaReplay(settings, () => {});
    await replay.send([letterOf('in.retry.1m', Buffer.from('k'))]);
    expect(fake.sent).toContainEqual({ topic: 'in', partition: undefined });
    await replay.send([letterOf('in.retry.1m', null)]);
    expect(fake.sent).toContainEqual({ topic: 'in', partition: 1 });
  });
});
