import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FailureCode } from '../../src/errors.ts';
import type { Message } from '../../src/scene.ts';
import { kafkaOutcomes } from '../../src/sinks/kafka-outcomes.ts';
import { kafkaReplay } from '../../src/sinks/kafka-replay.ts';
import { readTopic, type TopicRecord } from '../../src/sources/messages/kafka/read-topic.ts';
import { type KafkaBroker, startKafka } from '../setup/kafka-broker.ts';
import { KafkaTopics } from '../setup/kafka-topics.ts';
import { parts } from '../setup/parts.ts';
import { spawnSaccade } from '../setup/spawn-saccade.ts';

const PARTITIONS = 3;

type Failing = {
  readonly n: number;
  readonly code: FailureCode;
  readonly topic?: string;
  readonly headers?: Message['headers'];
};

describe.skipIf(!parts.kafka)('saccade dead-letters, needs kafka', () => {
  let broker: KafkaBroker;
  let topics: KafkaTopics;

  const settings = () => ({
    brokers: broker.brokers,
    ...{ inputTopic: 'in', outputTopic: 'out', deadLetterTopic: 'dead' },
    ...{ sendSeconds: 10, connectSeconds: 10, source: 'saccade', anyResolution: false, version: '0.1.0' },
  });

  async function letters(...args: string[]) {
    const saccade = spawnSaccade(['dead-letters', ...args, '--json'], {
      SACCADE_KAFKA_BROKERS: broker.brokers.join(','),
      SACCADE_KAFKA_INPUT_TOPIC: 'in',
      SACCADE_KAFKA_DEAD_LETTER_TOPIC: 'dead',
    });
    expect([await saccade.ended(), saccade.stderr()]).toEqual([0, '']);
    return JSON.parse(saccade.stdout());
  }

  /** To the end, the marks of transactions included. */
  async function readAll(): Promise<TopicRecord[]> {
    const found: TopicRecord[] = [];
    const parts = { log() {}, signal: new AbortController().signal };
    await readTopic(
      { brokers: broker.brokers, topic: 'in', group: 'test' },
      parts,
      (record) => void found.push(record),
    );
    return found;
  }

  async function fail(messages: readonly Failing[]): Promise<void> {
    const outcomes = await kafkaOutcomes(settings(), { log() {}, signal: new AbortController().signal });
    const sent = messages.map(({ n, code, topic = 'in', headers = { trace: `t${n}` } }) => {
      const kafka = { topic, partition: n % PARTITIONS, offset: String(n), timestamp: 1_714_558_830_000 + n };
      const message = { key: Buffer.from(`k${n}`), value: Buffer.from(`value ${n}`), headers };
      const failure = { code, reason: `no ${n}`, stage: 'open', attempts: 1 } as const;
      return outcomes.send({ kind: 'failed', message: { ...message, kafka, origin: 'x' }, failure });
    });
    await Promise.all(sent);
    await outcomes.close();
  }

  beforeAll(async () => {
    broker = await startKafka();
    topics = new KafkaTopics(broker.brokers);
    await topics.create(['in', 'out', 'dead'], PARTITIONS);
    await fail(Array.from({ length: 300 }, (_, n) => ({ n, code: 'source.missing' })));
    await fail(Array.from({ length: 20 }, (_, n) => ({ n: 300 + n, code: 'cog.invalid' })));
    await fail([{ n: 400, code: 'source.missing', topic: 'of-another-service' }]);
  });
  afterAll(() => broker?.stop());

  it('lists what failed, and shows one with its message', async () => {
    const list = await letters('list');
    expect(list).toMatchObject({ topic: 'dead', codes: { 'source.missing': 300, 'cog.invalid': 20 } });
    const [first] = (await letters('list', '--key', 'k7')).letters;
    expect(first).toMatchObject({
      code: 'source.missing',
      reason: 'no 7',
      key: 'k7',
      source: { topic: 'in', partition: 1, offset: '7' },
    });
    expect(await letters('show', first.id)).toMatchObject({ value: 'value 7', headers: { trace: 't7' } });
  });

  it('replays 300 by code: each comes out once, as it was, and none of that code is left', async () => {
    const { replayed } = await letters('replay', '--code', 'source.missing');
    expect(replayed).toHaveLength(300);
    const sent = await readAll();
    expect(sent.map(({ key }) => String(key)).sort()).toEqual(Array.from({ length: 300 }, (_, n) => `k${n}`).sort());
    for (const { key, value, headers } of sent) {
      const n = String(key).slice(1);
      expect([String(value), Object.keys(headers ?? {}), String(headers?.['trace'])]).toEqual([
        `value ${n}`,
        ['trace'],
        `t${n}`,
      ]);
    }
    expect((await letters('list')).codes).toEqual({ 'cog.invalid': 20 });
    expect((await letters('list', '--code', 'source.missing')).letters).toEqual([]);
    expect((await letters('replay', '--code', 'source.missing')).replayed).toEqual([]);
    expect(await readAll()).toHaveLength(300);
  });

  it('lets a replay that was overtaken do no more', async () => {
    const first = await kafkaReplay(settings(), () => {});
    const [letter] = (await letters('list')).letters;
    const { replayed } = await letters('replay', '--id', letter.id);
    expect(replayed).toEqual([letter.id]);
    const [partition, offset] = letter.id.split('@');
    const again = {
      ...letter,
      ...{ partition: Number(partition), offset },
      message: { key: Buffer.from(letter.key), value: Buffer.from('again'), headers: {} },
    };
    await expect(first.send([again])).rejects.toThrow('another replay of these dead letters has begun');
    await first.close();
    expect((await readAll()).filter(({ value }) => String(value) === 'again')).toEqual([]);
  });

  it('replays a letter with headers without values, and those beside it', async () => {
    const headers = { trace: null, several: ['a', null, 'b'] } as unknown as Message['headers']; // as kafkajs reads them
    await fail([
      { n: 500, code: 'internal', headers },
      { n: 501, code: 'internal' },
    ]);
    expect((await letters('replay', '--code', 'internal')).replayed).toHaveLength(2);
    const sent = new Map((await readAll()).map(({ key, headers }) => [String(key), headers]));
    expect(sent.get('k500')).toEqual({ trace: null, several: [Buffer.from('a'), null, Buffer.from('b')] });
    expect(sent.get('k501')).toEqual({ trace: Buffer.from('t501') });
    expect((await letters('list', '--code', 'internal')).letters).toEqual([]);
  });

  it('wants to be told which', async () => {
    const saccade = spawnSaccade(['dead-letters', 'replay'], { SACCADE_KAFKA_BROKERS: broker.brokers.join(',') });
    expect(await saccade.ended()).toBe(2);
    expect(saccade.stderr()).toContain('name what is to be replayed');
  });
});
