import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
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

const LANES = 4;
const SLOW = 12;
/** So few that those which come back from the retry topic leave room to take more. */
const HALF = SLOW / 2;
const QUICK = 40;
/** So many that the first, which warm everything up, count for little. */
const FIRST = 24;

/** A store that is slow at first, then gives no answer until it is let go of. */
describe.skipIf(!parts.kafka)('saccade run with a slow store, needs kafka', () => {
  let broker: KafkaBroker;
  let topics: KafkaTopics;
  let servers: { readonly quick: RangeServer; readonly slow: RangeServer };
  let model: string;
  let folder: string;
  let saccade: Saccade | undefined;
  let answer: () => Promise<unknown> = () => sleep(800);
  let letGo = () => {};

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-slow-'));
    await makeHarbour({ directory: folder, scenes: 1, sizes: [1024], seed: 3 });
    const respond = () => answer().then(() => undefined);
    const [quick, slow] = await Promise.all([serveWithFaults(folder, {}), serveWithFaults(folder, { respond })]);
    servers = { quick, slow };
    [broker, model] = await Promise.all([startKafka(), untrainedHarbour()]);
    topics = new KafkaTopics(broker.brokers);
  });
  afterAll(async () => {
    letGo();
    await saccade?.stop();
    await Promise.all([servers?.quick.close(), servers?.slow.close(), broker?.stop()]);
    for (const path of [folder, model]) await rm(path, { recursive: true, force: true });
  });

  const hold = () => {
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    answer = () => held;
  };

  const messages = (store: keyof typeof servers, count: number, name: string = store) =>
    Array.from({ length: count }, (_, n) => {
      const key = `${name}-${n}`;
      return { key, value: JSON.stringify({ href: `${servers[store].url}/scene-00000.tif`, id: key }) };
    });

  const start = async (name: string, more: Readonly<Record<string, string>> = {}) => {
    const port = await freePort();
    saccade = spawnSaccade(['run'], {
      SACCADE_KAFKA_BROKERS: broker.brokers.join(','),
      SACCADE_KAFKA_INPUT_TOPIC: `${name}-in`,
      SACCADE_KAFKA_OUTPUT_TOPIC: `${name}-out`,
      SACCADE_KAFKA_DEAD_LETTER_TOPIC: `${name}-dead`,
      SACCADE_KAFKA_GROUP: name,
      SACCADE_MODEL: model,
      SACCADE_BACKEND: 'wasm',
      SACCADE_THREADS: '1',
      SACCADE_LANES: String(LANES),
      SACCADE_SOURCES_ALLOW_PRIVATE: 'true',
      SACCADE_HTTP_PORT: String(port),
      ...more,
    });
    const aside = async () => {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      return Number(/^saccade_scenes_aside (\d+)$/m.exec(text)?.[1]);
    };
    return { saccade, aside };
  };

  const first = () => [...messages('quick', FIRST, 'first'), ...messages('slow', 1, 'first-slow')];

  /** Lets it see how fast each store is, then gives it scenes of both while the slow one answers nothing. */
  const fill = async (name: string, slow: number) => {
    answer = () => sleep(800);
    await topics.send(`${name}-in`, first());
    await until('both stores', async () => (await topics.count(`${name}-out`)) === FIRST + 1);
    hold();
    await topics.send(`${name}-in`, messages('slow', slow));
    await topics.send(`${name}-in`, messages('quick', QUICK));
    await until('the quick ones', async () => (await topics.count(`${name}-out`)) === FIRST + 1 + QUICK);
  };

  const expectEachOnce = async (name: string, slow: number) => {
    const sent = [...first(), ...messages('slow', slow), ...messages('quick', QUICK)];
    await until('all events', async () => (await topics.count(`${name}-out`)) >= sent.length);
    const events = (await topics.readAll(`${name}-out`)).map(({ key }) => String(key));
    expect(events.sort()).toEqual(sent.map(({ key }) => key).sort());
    expect(await topics.count(`${name}-dead`)).toBe(0);
  };

  it('answers what is quick while scenes of the slow one wait aside, and loses none of those when it stops', async () => {
    await topics.create(['aside-in', 'aside-out', 'aside-dead'], 2);
    const first = await start('aside');
    await fill('aside', SLOW);
    expect(await first.aside()).toBeGreaterThanOrEqual(SLOW - LANES);
    expect(await topics.committed('aside-in', 'aside')).toBeLessThan(FIRST + 1 + QUICK + SLOW);
    const stopped = first.saccade.stop();
    await sleep(300);
    letGo();
    expect(await stopped).toBe(0);
    expect(await topics.count('aside-out')).toBeLessThan(FIRST + 1 + QUICK + SLOW);
    await start('aside');
    await expectEachOnce('aside', SLOW);
    expect(await saccade?.stop()).toBe(0);
  });

  it('puts off to a retry topic what finds no room aside', async () => {
    await topics.create(['later-in', 'later-in.retry.1s', 'later-out', 'later-dead'], 2);
    const { aside } = await start('later', { SACCADE_ASIDE: '2', SACCADE_KAFKA_RETRY_TOPICS: '1s' });
    await fill('later', HALF);
    expect(await topics.count('later-in.retry.1s')).toBeGreaterThanOrEqual(1);
    await sleep(1500); // they are back, and have nowhere else to go
    expect(await aside()).toBeGreaterThanOrEqual(2);
    letGo();
    await expectEachOnce('later', HALF);
    expect(await saccade?.stop()).toBe(0);
  });
});
