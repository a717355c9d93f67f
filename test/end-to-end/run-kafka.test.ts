import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import kafkajs, { type KafkaMessage, type Message } from 'kafkajs';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RangeServer } from '../../src/commands/range-server.ts';
import { makeHarbour } from '../../src/training/harbour/make-harbour.ts';
import { untrainedHarbour } from '../fakes/untrained-harbour.ts';
import { type KafkaBroker, startKafka } from '../setup/kafka-broker.ts';
import { KafkaTopics, until } from '../setup/kafka-topics.ts';
import { parts } from '../setup/parts.ts';
import { serveWithFaults } from '../setup/range-server.ts';
import { violations } from '../setup/schemas.ts';
import { type Saccade, spawnSaccade } from '../setup/spawn-saccade.ts';
import { withZstd } from '../setup/with-zstd.ts';

const PARTITIONS = 4;
const SCENES = 4;

/** Runs the real program between real topics, over scenes served by HTTP ranges. */
describe.skipIf(!parts.kafka)('saccade run on Kafka, needs kafka', () => {
  let broker: KafkaBroker;
  let topics: KafkaTopics;
  let server: RangeServer;
  let model: string;
  let folder: string;
  let number = 0;
  const running = new Set<Saccade>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-scenes-'));
    await makeHarbour({ directory: folder, scenes: SCENES, sizes: [1024], seed: 3 });
    await writeBadScenes(folder);
    [broker, model, server] = await Promise.all([
      startKafka(),
      untrainedHarbour(),
      serveWithFaults(folder, { latencyMs: 10 }),
    ]);
    topics = new KafkaTopics(broker.brokers);
  });
  afterEach(async () => {
    for (const saccade of running) await saccade.stop();
    running.clear();
  });
  afterAll(async () => {
    await server?.close();
    await broker?.stop();
    for (const path of [folder, model]) await rm(path, { recursive: true, force: true });
  });

  async function names() {
    number += 1;
    const found = {
      input: `in-${number}`,
      output: `out-${number}`,
      deadLetters: `dead-${number}`,
      group: `group-${number}`,
    };
    await topics.create([found.input, found.output, found.deadLetters], PARTITIONS);
    return found;
  }

  function run(
    { input, output, deadLetters, group }: Awaited<ReturnType<typeof names>>,
    more: Readonly<Record<string, string>> = {},
  ): Saccade {
    const saccade = spawnSaccade(['run'], {
      SACCADE_KAFKA_BROKERS: broker.brokers.join(','),
      SACCADE_KAFKA_INPUT_TOPIC: input,
      SACCADE_KAFKA_OUTPUT_TOPIC: output,
      SACCADE_KAFKA_DEAD_LETTER_TOPIC: deadLetters,
      SACCADE_KAFKA_GROUP: group,
      SACCADE_MODEL: model,
      SACCADE_BACKEND: 'wasm',
      SACCADE_THREADS: '1',
      SACCADE_SOURCES_ALLOW_PRIVATE: 'true',
      SACCADE_RETRY_ATTEMPTS: '3',
      SACCADE_RETRY_BASE_SECONDS: '0.01',
      ...more,
    });
    running.add(saccade);
    return saccade;
  }

  const sceneUrl = (n: number) => `${server.url}/scene-0000${n % SCENES}.tif`;

  /** Plain messages and STAC Items in turn. */
  function goodMessage(n: number): Message {
    const plain = { href: sceneUrl(n), id: `scene-${n}` };
    const item = {
      type: 'Feature',
      stac_version: '1.0.0',
      id: `scene-${n}`,
      geometry: null,
      properties: { datetime: '2024-05-01T10:20:30Z' },
      assets: { image: { href: sceneUrl(n), type: 'image/tiff; application=geotiff; profile=cloud-optimized' } },
      links: [],
    };
    return { key: `scene-${n}`, value: JSON.stringify(n % 2 === 0 ? plain : item), partition: n % PARTITIONS };
  }

  it('answers each message with exactly one event or one dead letter, and commits to the end', async () => {
    const bad: Readonly<Record<string, [value: string, code: string, reason: RegExp]>> = {
      'not-json': ['scene.tif', 'message.malformed', /not JSON/],
      'unknown-shape': ['[1, 2]', 'message.malformed', /expected object, received array/],
      'no-href': ['{"id": "x"}', 'message.malformed', /names no href/],
      'unknown-scheme': ['{"href": "ftp://example.com/a.tif"}', 'message.malformed', /scheme ftp:/],
      missing: [href(`${server.url}/nowhere.tif`), 'source.missing', /nowhere\.tif/],
      refused: [href('http://127.0.0.1:1/a.tif'), 'source.unreachable', /ECONNREFUSED/],
      'not-tiff': [href(`${server.url}/text.tif`), 'cog.invalid', /not a TIFF: begins with 74686973/],
      truncated: [href(`${server.url}/truncated.tif`), 'cog.invalid', /\d+ bytes at \d+, but the file ends at 3000/],
      'few-bands': [
        href(`${server.url}/grey.tif`),
        'scene.unsuitable',
        /needs the bands red, green, blue; the scene has one/,
      ],
      small: [href(`${server.url}/small.tif`), 'scene.unsuitable', /40 × 40 pixels where a patch has 48 × 48/],
    };
    const good = Array.from({ length: 190 }, (_, n) => goodMessage(n));
    const messages = Object.entries(bad).reduce((mixed: Message[], [key, [value]], n) => {
      return mixed.toSpliced(20 * n + 7, 0, { key, value, partition: n % PARTITIONS });
    }, good);
    const used = await names();
    await topics.send(used.input, messages);

    const saccade = run(used);
    await until('all offsets', async () => (await topics.committed(used.input, used.group)) === 200);
    expect(await saccade.stop()).toBe(0);

    const events = await topics.readAll(used.output);
    expect(keysOf(events)).toEqual(keysOf(good));
    for (const event of events) expect(eventViolations(event)).toEqual([]);

    const deadLetters = await topics.readAll(used.deadLetters);
    const found = deadLetters.map(({ key, value, headers }) => {
      const { saccade_code, saccade_reason } = headerText(headers);
      return [String(key), [String(value), saccade_code, saccade_reason]];
    });
    const expected = Object.entries(bad).map(([key, [value, code, why]]) => [
      key,
      [value, code, expect.stringMatching(why)],
    ]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
    expect(deadLetters).toHaveLength(10);
    for (const { headers } of deadLetters) expect(violations('dead-letter', headerText(headers))).toEqual([]);
    const attempts = deadLetters.find(({ key }) => String(key) === 'refused')?.headers;
    expect(headerText(attempts)).toMatchObject({ saccade_attempts: '3', saccade_stage: 'open' });
  });

  it('loses nothing and repeats nothing when it is stopped in the middle and started again', async () => {
    const good = Array.from({ length: 160 }, (_, n) => goodMessage(n));
    const used = await names();
    await topics.send(used.input, good);

    const first = run(used);
    await until('the middle', async () => (await topics.count(used.output)) >= 20);
    expect(await first.stop()).toBe(0);
    const before = await topics.count(used.output);
    expect(before).toBeLessThan(160);
    expect(await topics.committed(used.input, used.group)).toBe(before);

    const second = run(used);
    await until('all offsets', async () => (await topics.committed(used.input, used.group)) === 160);
    expect(await second.stop()).toBe(0);
    expect(keysOf(await topics.readAll(used.output))).toEqual(keysOf(good));
    expect(await topics.count(used.deadLetters)).toBe(0);
  });

  it('reads what other producers compress', async () => {
    const used = await names();
    await withZstd(() => topics.send(used.input, [goodMessage(0)], kafkajs.CompressionTypes.ZSTD));
    const saccade = run(used);
    await until('the event', async () => (await topics.count(used.output)) === 1);
    expect(await saccade.stop()).toBe(0);
  });

  it('repeats after SIGKILL no more than was in its lanes or finished since its last commit, with the same ids', async () => {
    const good = Array.from({ length: 160 }, (_, n) => goodMessage(n));
    const used = await names();
    await topics.send(used.input, good);
    const lanes = 4;
    const quick = {
      SACCADE_KAFKA_SESSION_SECONDS: '2',
      SACCADE_LANES: String(lanes),
      SACCADE_KAFKA_COMMIT_SECONDS: '0.05',
    };
    const first = run(used, quick);
    await until('the middle', async () => (await topics.count(used.output)) >= 40);
    await first.kill();
    const second = run(used, quick);
    await until('all offsets', async () => (await topics.committed(used.input, used.group)) === 160);
    expect(await second.stop()).toBe(0);
    const ids = (await topics.readAll(used.output)).map(({ headers }) => String(headers?.['ce_id']));
    expect(new Set(ids).size).toBe(160);
    expect(ids.length - 160).toBeLessThanOrEqual(2 * lanes); // a lane finishes at most one scene between two commits
  });

  it('refuses to start without its topics or its model, telling both at once', async () => {
    const saccade = spawnSaccade(['run'], {
      SACCADE_KAFKA_BROKERS: broker.brokers.join(','),
      SACCADE_MODEL: '/nowhere',
    });
    expect(await saccade.ended()).toBe(2);
    for (const mistake of [
      'no model at /nowhere',
      'no topic scenes;',
      'no topic classifications;',
      'no topic scenes-failed;',
    ])
      expect(saccade.stderr()).toContain(mistake);
  });
});

async function writeBadScenes(folder: string): Promise<void> {
  const whole = await readFile(join(folder, 'scene-00000.tif'));
  await writeFile(join(folder, 'truncated.tif'), whole.subarray(0, 3000));
  await writeFile(join(folder, 'text.tif'), 'this is no TIFF\n'.repeat(5000));
  const tiff = { tile: true, tileWidth: 256, tileHeight: 256, compression: 'deflate' } as const;
  const image = (size: number) => sharp({ create: { width: size, height: size, channels: 3, background: '#123' } });
  await image(1024).toColourspace('b-w').tiff(tiff).toFile(join(folder, 'grey.tif'));
  await image(40).tiff(tiff).toFile(join(folder, 'small.tif'));
}

function href(url: string): string {
  return JSON.stringify({ href: url });
}

function keysOf(messages: readonly Pick<Message, 'key'>[]): string[] {
  return messages.map(({ key }) => String(key)).sort();
}

function headerText(headers: KafkaMessage['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]));
}

function eventViolations({ value, headers }: KafkaMessage): string[] {
  return [
    ...violations('classification-event', headerText(headers), 'headers'),
    ...violations('classification-event', JSON.parse(String(value)), 'feature'),
  ];
}
