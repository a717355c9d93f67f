import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RangeServer } from '../../src/commands/range-server.ts';
import { makeHarbour } from '../../src/training/harbour/make-harbour.ts';
import { untrainedHarbour } from '../fakes/untrained-harbour.ts';
import { freePort } from '../setup/free-port.ts';
import { type KafkaBroker, startKafka } from '../setup/kafka-broker.ts';
import { KafkaTopics, until } from '../setup/kafka-topics.ts';
import { parts } from '../setup/parts.ts';
import { serveWithFaults } from '../setup/range-server.ts';
import { type Saccade, spawnSaccade } from '../setup/spawn-saccade.ts';

describe.skipIf(!parts.kafka)('saccade run without its output topics, needs kafka', () => {
  let broker: KafkaBroker;
  let topics: KafkaTopics;
  let server: RangeServer;
  let model: string;
  let folder: string;
  let saccade: Saccade;
  let port: number;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-gone-'));
    await makeHarbour({ directory: folder, scenes: 1, sizes: [1024], seed: 3 });
    [broker, model, server, port] = await Promise.all([
      startKafka(),
      untrainedHarbour(),
      serveWithFaults(folder),
      freePort(),
    ]);
    topics = new KafkaTopics(broker.brokers);
    await topics.create(['in', 'out', 'dead'], 2);
    saccade = spawnSaccade(['run'], {
      SACCADE_KAFKA_BROKERS: broker.brokers.join(','),
      SACCADE_KAFKA_INPUT_TOPIC: 'in',
      SACCADE_KAFKA_OUTPUT_TOPIC: 'out',
      SACCADE_KAFKA_DEAD_LETTER_TOPIC: 'dead',
      SACCADE_KAFKA_GROUP: 'gone',
      SACCADE_MODEL: model,
      SACCADE_BACKEND: 'wasm',
      SACCADE_THREADS: '1',
      SACCADE_SOURCES_ALLOW_PRIVATE: 'true',
      SACCADE_HTTP_PORT: String(port),
      SACCADE_HTTP_HOST: '127.0.0.1',
    });
  });
  afterAll(async () => {
    await saccade?.stop();
    await server?.close();
    await broker?.stop();
    for (const path of [folder, model]) await rm(path, { recursive: true, force: true });
  });

  const ready = async () =>
    (await (await fetch(`http://127.0.0.1:${port}/readyz`)).json()) as { ok: boolean; reasons: string[] }; // ours
  const committed = () => topics.committed('in', 'gone');

  it.each([
    [
      'out',
      (n: number) => ({
        key: `good-${n}`,
        value: JSON.stringify({ href: `${server.url}/scene-00000.tif`, id: `good-${n}` }),
      }),
    ],
    ['dead', (n: number) => ({ key: `bad-${n}`, value: 'no JSON' })],
  ])(
    'stops taking, acknowledges nothing and says why while %s is gone, and goes on when it is back',
    async (topic, message) => {
      await until('a ready service', async () => (await ready()).ok);
      const before = await committed();
      await topics.delete([topic]);
      const keys = Array.from({ length: 60 }, (_, n) => message(n).key);
      await topics.send(
        'in',
        keys.map((_, n) => ({ ...message(n), partition: n % 2 })),
      );
      await until('trouble', async () =>
        (await ready()).reasons.some((reason) => reason.startsWith(`${topic} (kafka.`)),
      );
      expect(await committed()).toBe(before);
      await topics.create([topic], 2);
      await until('all offsets', async () => (await committed()) === before + keys.length);
      expect(await ready()).toEqual({ ok: true, reasons: [] });
      // A batch of which one partition was taken and another was not is sent again whole: once more is allowed, less is not.
      const found = (await topics.readAll(topic)).map(({ key }) => String(key));
      expect([...new Set(found)].sort()).toEqual(keys.sort());
    },
  );
});
