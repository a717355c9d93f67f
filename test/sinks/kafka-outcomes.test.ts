import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REPLAYED } from '../../src/dead-letters.ts';
import { SceneError, UsageError } from '../../src/errors.ts';
import type { Failure, Outcome } from '../../src/scene.ts';
import { kafkaOutcomes } from '../../src/sinks/kafka-outcomes.ts';
import type { Outcomes } from '../../src/sinks/outcomes.ts';
import { classification, sceneMessage } from '../fakes/classification.ts';
import { type KafkaBroker, startKafka } from '../setup/kafka-broker.ts';
import { KafkaTopics, until } from '../setup/kafka-topics.ts';
import { parts } from '../setup/parts.ts';
import { violations } from '../setup/schemas.ts';

const failure: Failure = { code: 'source.missing', reason: '404', stage: 'open', attempts: 1 };
const classified: Outcome = { kind: 'classified', message: sceneMessage, classification };
const failed: Outcome = { kind: 'failed', message: sceneMessage, failure };

describe.skipIf(!parts.kafka)('kafkaOutcomes, needs kafka', () => {
  let broker: KafkaBroker;
  let topics: KafkaTopics;
  let outcomes: Outcomes;

  const open = (more: object = {}) => {
    const { brokers } = broker;
    const settings = {
      brokers,
      outputTopic: 'out',
      deadLetterTopic: 'dead',
      sendSeconds: 10,
      connectSeconds: 10,
      source: 'saccade',
      anyResolution: false,
    };
    return kafkaOutcomes(
      { ...settings, version: '0.1.0', ...more },
      { log() {}, signal: new AbortController().signal },
    );
  };

  beforeAll(async () => {
    broker = await startKafka();
    topics = new KafkaTopics(broker.brokers);
    await topics.create(['out', 'dead', 'small'], 2);
    await topics.limit('small', 900);
    outcomes = await open();
  });
  afterAll(async () => {
    await outcomes?.close();
    await broker?.stop();
  });

  it('sends events by the scene’s key, in binary mode', async () => {
    await outcomes.send(classified);
    const [event] = await topics.readAll('out');
    expect(String(event?.key)).toBe('scene-1');
    expect(String(event?.headers?.['ce_type'])).toBe('saccade.scene.classified');
    expect(JSON.parse(String(event?.value))).toMatchObject({ type: 'Feature', properties: { class: 'ferry' } });
  });

  it('gives an event the time of its message where the broker refuses our own clock’s', async () => {
    await topics.create(['timed'], 1);
    const timestamp = Date.now() - 5000;
    const message = { ...sceneMessage, kafka: { topic: 'in', partition: 0, offset: '0', timestamp } };
    const early = await open({ outputTopic: 'timed' });
    const real = Date.now;
    Date.now = () => real() + 12 * 3_600_000; // a broker allows an hour
    try {
      await early.send({ ...classified, message });
    } finally {
      Date.now = real;
      await early.close();
    }
    const [event] = await topics.readAll('timed');
    expect(Number(event?.timestamp)).toBe(timestamp);
  });

  it('sends dead letters with the original key, value, headers and timestamp, and the reasons', async () => {
    await outcomes.send(failed);
    const [letter] = await topics.readAll('dead');
    expect([String(letter?.key), String(letter?.value)]).toEqual(['k', '{"href":"x"}']);
    expect(letter?.timestamp).toBe('1714558830000');
    expect(letter?.headers?.['trace']).toEqual([Buffer.from('a'), Buffer.from('b')]);
    expect(String(letter?.headers?.['saccade_code'])).toBe('source.missing');
  });

  it('tells in a dead letter of the last failure alone, where the message was a dead letter before', async () => {
    await topics.create(['again'], 1);
    const before = {
      saccade_code: 'cog.invalid',
      saccade_omitted_bytes: '7',
      saccade_retry_steps: '1',
      [REPLAYED]: '3',
    };
    const message = { ...sceneMessage, headers: { own: 'a', ...before } };
    const second = await open({ deadLetterTopic: 'again' });
    await second.send({ ...failed, message }).finally(() => second.close());
    const [{ headers = {} } = {}] = await topics.readAll('again');
    const texts = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    expect(violations('dead-letter', texts)).toEqual([]);
    expect(texts).toMatchObject({ own: 'a', saccade_code: 'source.missing' });
    expect(texts).not.toHaveProperty('saccade_omitted_bytes');
  });

  it('refuses an event that the topic does not take, and keeps the reasons of a dead letter that it does not', async () => {
    const narrow = await open({ outputTopic: 'small', deadLetterTopic: 'small' });
    try {
      const refused = narrow.send(classified);
      await expect(refused).rejects.toThrow(SceneError);
      await expect(refused).rejects.toMatchObject({ code: 'output.rejected' });
      await narrow.send({ kind: 'failed', message: { ...sceneMessage, value: Buffer.alloc(3000) }, failure });
      await narrow.send({ kind: 'failed', message: { ...sceneMessage, key: Buffer.alloc(3000) }, failure });
    } finally {
      await narrow.close();
    }
    const letters = await topics.readAll('small');
    expect(letters.map(({ key }) => key && String(key)).sort()).toEqual(['k', null]);
    const letter = letters.find(({ key }) => key !== null);
    expect(letter?.value).toBeNull();
    expect(String(letter?.headers?.['saccade_offset'])).toBe('1041');
    expect(String(letter?.headers?.['saccade_omitted_bytes'])).toBe('3000');
    expect(letter?.headers?.['trace']).toEqual([Buffer.from('a'), Buffer.from('b')]);
    expect(String(letter?.headers?.['saccade_code'])).toBe('source.missing');
  });

  it('waits for a topic that is gone, says so, and goes on when it is back, while the other topic is served', async () => {
    await topics.create(['gone', 'stays'], 1);
    const waiting = await open({ outputTopic: 'gone', deadLetterTopic: 'stays' });
    const told: boolean[] = [];
    waiting.watch((isBlocked) => told.push(isBlocked));
    try {
      await waiting.send(classified);
      await topics.delete(['gone']);
      const lost = new AbortController();
      const dropped = waiting.send(classified, { lost: lost.signal });
      const sent = [waiting.send(classified), waiting.send(classified)];
      await until('trouble', async () => waiting.trouble() !== undefined);
      expect(waiting.trouble()).toMatch(/^gone \(kafka\.outputTopic\) takes nothing: /);
      await waiting.send(failed);
      lost.abort(new Error('somebody else has it'));
      await expect(dropped).rejects.toThrow('somebody else has it');
      await topics.create(['gone'], 1);
      await Promise.all(sent);
      expect(waiting.trouble()).toBeUndefined();
      expect(told).toEqual([true, false]);
    } finally {
      await waiting.close();
    }
    expect([await topics.count('gone'), await topics.count('stays')]).toEqual([2, 1]);
  });

  it('refuses to start without its topics', async () => {
    await expect(open({ outputTopic: 'nowhere' })).rejects.toThrow(
      new UsageError(['kafka.outputTopic: Kafka has no topic nowhere; make it, or name another']),
    );
  });

  it('fails with another error, and settles nothing, when no broker answers', async () => {
    const alone = await open();
    await alone.close();
    await expect(alone.send(failed)).rejects.not.toThrow(SceneError);
  });
});
