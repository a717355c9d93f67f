import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RangeServer } from '../../src/commands/range-server.ts';
import { makeHarbour } from '../../src/training/harbour/make-harbour.ts';
import { untrainedHarbour } from '../fakes/untrained-harbour.ts';
import { type KafkaBroker, startKafka } from '../setup/kafka-broker.ts';
import { KafkaTopics, until } from '../setup/kafka-topics.ts';
import { parts } from '../setup/parts.ts';
import { serveWithFaults } from '../setup/range-server.ts';
import { type Saccade, spawnSaccade } from '../setup/spawn-saccade.ts';

const GOOD = 40;

describe.skipIf(!parts.kafka)('saccade run with retry topics, needs kafka', () => {
  let broker: KafkaBroker;
  let topics: KafkaTopics;
  let server: RangeServer;
  let model: string;
  let folder: string;
  let saccade: Saccade;
  let isMended = false;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-later-'));
    await makeHarbour({ directory: folder, scenes: 1, sizes: [1024], seed: 3 });
    [broker, model, server] = await Promise.all([
      startKafka(),
      untrainedHarbour(),
      serveWithFaults(folder, {
        respond: ({ url = '' }) => {
          if (url.includes('never') || (url.includes('later') && !isMended)) return { status: 503 };
          return undefined;
        },
      }),
    ]);
    topics = new KafkaTopics(broker.brokers);
    await topics.create(['in', 'out', 'dead', 'in.retry.2s', 'much-later'], 2);
    saccade = spawnSaccade(['run'], {
      SACCADE_KAFKA_BROKERS: broker.brokers.join(','),
      SACCADE_KAFKA_INPUT_TOPIC: 'in',
      SACCADE_KAFKA_OUTPUT_TOPIC: 'out',
      SACCADE_KAFKA_DEAD_LETTER_TOPIC: 'dead',
      SACCADE_KAFKA_RETRY_TOPICS: '2s,much-later=3s',
      SACCADE_KAFKA_GROUP: 'later',
      SACCADE_MODEL: model,
      SACCADE_BACKEND: 'wasm',
      SACCADE_THREADS: '1',
      SACCADE_LANES: '2',
      SACCADE_SOURCES_ALLOW_PRIVATE: 'true',
      SACCADE_RETRY_ATTEMPTS: '2',
      SACCADE_RETRY_BASE_SECONDS: '0.01',
      SACCADE_CIRCUIT_FAILURES: '1000', // good and bad lie on one host, which must not count as down
    });
  });
  afterAll(async () => {
    await saccade?.stop();
    await server?.close();
    await broker?.stop();
    for (const path of [folder, model]) await rm(path, { recursive: true, force: true });
  });

  const message = (key: string, query: string) => {
    const value = JSON.stringify({ href: `${server.url}/scene-00000.tif?${query}`, id: key });
    return { key, value, headers: { trace: key }, timestamp: '1714558830000' };
  };

  it('puts off what may pass, works on the rest meanwhile, and answers or gives up each message once', async () => {
    const bad = [message('never', 'never'), { ...message('malformed', ''), value: 'no JSON' }];
    const good = Array.from({ length: GOOD }, (_, n) => message(`good-${n}`, ''));
    await topics.send('in', [...bad, message('later', 'later'), ...good]);
    await until('the first put off', async () => (await topics.count('in.retry.2s')) === 2);
    isMended = true;
    await until('the good ones', async () => (await topics.count('out')) >= GOOD);
    await until('all offsets', async () => (await topics.committed('in', 'later')) === GOOD + 3);
    await until('the last dead letter', async () => (await topics.count('dead')) === 2);
    expect(await saccade.stop()).toBe(0);

    const events = (await topics.readAll('out')).map(({ key }) => String(key));
    expect(events.sort()).toEqual([...good.map(({ key }) => key), 'later'].sort());
    expect([await topics.count('in.retry.2s'), await topics.count('much-later')]).toEqual([2, 1]);
    // The broker deletes by a record's time: by the message's, of 2024, it would have done so before the second try.
    const waited = await topics.readAll('in.retry.2s');
    expect(waited.every(({ timestamp }) => Date.now() - Number(timestamp) < 600_000)).toBe(true);
    const letters = await topics.readAll('dead');
    const told = letters.map(({ key, headers, timestamp }) => {
      const text = (name: string) => String(headers?.[name]);
      return [
        String(key),
        text('saccade_code'),
        text('trace'),
        text('saccade_topic'),
        text('saccade_attempts'),
        timestamp,
      ];
    });
    expect(told.sort()).toEqual([
      ['malformed', 'message.malformed', 'malformed', 'in', '1', '1714558830000'],
      ['never', 'source.unreachable', 'never', 'in', '6', '1714558830000'], // two tries in place each time
    ]);
    const never = letters.find(({ key }) => String(key) === 'never')?.headers ?? {};
    const seconds =
      (Date.parse(String(never['saccade_time'])) - Date.parse(String(never['saccade_first_failure']))) / 1000;
    expect(seconds).toBeGreaterThanOrEqual(5);
    expect(Object.keys(never)).not.toContain('saccade_not_before');
  });
});
