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

/** What operators are told by the real program while its broker dies under it. */
describe.skipIf(!parts.kafka)('saccade run told over HTTP, needs kafka', () => {
  let broker: KafkaBroker;
  let server: RangeServer;
  let folder: string;
  let model: string;
  let saccade: Saccade | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-health-'));
    await makeHarbour({ directory: folder, scenes: 1, sizes: [1024], seed: 3 });
    [broker, model, server] = await Promise.all([startKafka(), untrainedHarbour(), serveWithFaults(folder)]);
  });
  afterAll(async () => {
    await saccade?.stop();
    await server?.close();
    await broker?.stop();
    for (const path of [folder, model]) await rm(path, { recursive: true, force: true });
  });

  it('is ready once the group is joined, tells its figures, comes back after an outage, and says why it is not ready when the broker dies', async () => {
    const topics = new KafkaTopics(broker.brokers);
    await topics.create(['scenes', 'classifications', 'scenes-failed'], 2);
    const port = await freePort();
    saccade = spawnSaccade(['run'], {
      SACCADE_KAFKA_BROKERS: broker.brokers.join(','),
      SACCADE_KAFKA_SESSION_SECONDS: '2',
      SACCADE_MODEL: model,
      SACCADE_BACKEND: 'wasm',
      SACCADE_THREADS: '1',
      SACCADE_SOURCES_ALLOW_PRIVATE: 'true',
      SACCADE_HTTP_PORT: String(port),
      SACCADE_HTTP_HOST: '127.0.0.1',
      SACCADE_DRAIN_SECONDS: '1',
    });
    const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
    const reasons = async (path: string): Promise<string[]> => {
      const answer: { reasons: string[] } = JSON.parse(await (await get(path)).text());
      return answer.reasons;
    };
    await until('the service to be ready', async () => (await get('/readyz')).ok);

    const value = JSON.stringify({ href: `${server.url}/scene-00000.tif`, datetime: '2024-05-01T10:20:30Z' });
    await topics.send('scenes', [{ value }, { value: 'nonsense' }]);
    const figures = async () =>
      new Map(
        [...(await (await get('/metrics')).text()).matchAll(/^(saccade_\S+) (\S+)$/gm)].map(([, name = '', figure]) => [
          name,
          Number(figure),
        ]),
      );
    await until('both outcomes', async () => (await figures()).get('saccade_end_to_end_seconds_count') === 2);
    expect(Object.fromEntries(await figures())).toMatchObject({
      'saccade_messages_total{outcome="classified"}': 1,
      'saccade_messages_total{outcome="message.malformed"}': 1,
      saccade_messages_taken_total: 2,
      saccade_scenes_in_flight: 0,
      saccade_acquisition_age_seconds_count: 1,
      'saccade_read_requests_total{kind="header"}': 1,
      'saccade_read_requests_total{kind="patches"}': expect.any(Number),
      saccade_tensors: expect.any(Number),
      'saccade_consumer_lag_messages{partition="0"}': 0,
      saccade_rebalances_total: 1,
      saccade_paused_partitions: 0,
      saccade_last_heartbeat_timestamp_seconds: expect.any(Number),
    });
    expect((await figures()).get('saccade_tensors')).toBeGreaterThan(0);

    broker.pause();
    await until('the outage to be noticed', async () => !(await get('/readyz')).ok);
    broker.wake();
    await until('the group to be joined again', async () => (await get('/readyz')).ok);
    await topics.send('scenes', [{ value: 'nonsense' }]);
    await until(
      'the message after the outage',
      async () => (await figures()).get('saccade_messages_total{outcome="message.malformed"}') === 2,
    );

    await broker.stop();
    await until('the silence to be noticed', async () => !(await get('/readyz')).ok);
    expect((await reasons('/readyz')).join()).toMatch(/the consumer group (has not answered for \d+ s|is not joined)/);
    expect((await get('/livez')).ok).toBe(true); // a new process would not reach the broker either
    expect((await get('/startupz')).ok).toBe(true);
  });
});
