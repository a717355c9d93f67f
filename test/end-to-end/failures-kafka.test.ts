import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Message as KafkaMessage } from 'kafkajs';
import { lastValueFrom, take, toArray } from 'rxjs';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RangeServer } from '../../src/commands/range-server.ts';
import { configSchema } from '../../src/config.ts';
import { type FailureCode, failures } from '../../src/errors.ts';
import { draw } from '../../src/model/estimators/draw.ts';
import { loadModel } from '../../src/model/load-model.ts';
import type { Model } from '../../src/model/model.ts';
import { classifyScenes } from '../../src/pipeline/classify-scenes.ts';
import { randomKey, uniforms } from '../../src/random.ts';
import type { Message } from '../../src/scene.ts';
import { kafkaOutcomes } from '../../src/sinks/kafka-outcomes.ts';
import { kafkaMessages } from '../../src/sources/messages/kafka/kafka-messages.ts';
import { parseScene } from '../../src/sources/messages/scene-message.ts';
import { sceneReader } from '../../src/sources/scene-reader.ts';
import { makeHarbour } from '../../src/training/harbour/make-harbour.ts';
import { buildTiff, plainFields, plainTiles } from '../fakes/tiff-builder.ts';
import { untrainedHarbour } from '../fakes/untrained-harbour.ts';
import { type KafkaBroker, startKafka } from '../setup/kafka-broker.ts';
import { KafkaTopics, until } from '../setup/kafka-topics.ts';
import { parts } from '../setup/parts.ts';
import { type Fault, serveWithFaults } from '../setup/range-server.ts';
import { violations } from '../setup/schemas.ts';
import { type Saccade, spawnSaccade } from '../setup/spawn-saccade.ts';

const PARTITIONS = 4;
const SCENES = 4;
const GOOD = 475;
/** `internal` is a bug, which no message and no file may bring about. */
const codes = (Object.keys(failures) as FailureCode[]).filter((code) => code !== 'internal'); // keys of a closed table

/** One scene in twenty is bad, two for each code that a message or a file can cause; one more is bad only at first. */
describe.skipIf(!parts.kafka)('saccade run among failures, needs kafka', () => {
  let broker: KafkaBroker;
  let topics: KafkaTopics;
  let server: RangeServer;
  let model: string;
  let folder: string;
  let saccade: Saccade | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-failures-'));
    await makeHarbour({ directory: folder, scenes: SCENES, sizes: [1024], seed: 3 });
    await writeBadFiles(folder);
    [broker, model, server] = await Promise.all([
      startKafka(),
      untrainedHarbour(),
      serveWithFaults(folder, { respond: faults() }),
    ]);
    topics = new KafkaTopics(broker.brokers);
  });
  afterAll(async () => {
    await saccade?.stop();
    await server?.close();
    await broker?.stop();
    for (const path of [folder, model]) await rm(path, { recursive: true, force: true });
  });

  const scene = (name: string, id = name) => JSON.stringify({ href: `${server.url}/${name}`, id });
  const file = (path: string) => JSON.stringify({ href: pathToFileURL(join(folder, path)).href });

  const bad = (): Readonly<Record<Exclude<FailureCode, 'internal'>, readonly [string, string]>> => ({
    'message.malformed': ['no JSON', '[1, 2]'],
    'source.missing': [scene('nowhere.tif'), file('inside/nowhere.tif')],
    'source.forbidden': [scene('unauthorized.tif'), scene('forbidden.tif')],
    'source.refused': [file('scene-00000.tif'), scene('astray.tif')],
    'source.unreachable': ['{"href":"http://127.0.0.1:1/a.tif"}', scene('stalled.tif')],
    'source.protocol': [scene('whole.tif'), scene('elsewhere.tif')],
    'source.changed': [scene('changing.tif'), scene('growing.tif')],
    'cog.invalid': [scene('truncated.tif'), scene('text.tif')],
    'cog.unsupported': [scene('jpeg2000.tif'), scene('lzma.tif')],
    'scene.unsuitable': [scene('grey.tif'), scene('small.tif')],
    'budget.exceeded': [scene('large.tif'), scene('large.tif', 'again')],
    'output.rejected': [scene('scene-00000.tif', 'a'.repeat(2048)), scene('scene-00001.tif', 'b'.repeat(2048))],
  });

  it('answers 500 messages with one event or one dead letter each, with the right code, and frees every lane', async () => {
    const expected = Object.entries(bad()).flatMap(([code, values]) =>
      values.map((value, n) => ({ key: `${code} ${n}`, value, code })),
    );
    const good = Array.from({ length: GOOD }, (_, n) => {
      return { key: `good-${n}`, value: scene(`scene-0000${n % SCENES}.tif`, `good-${n}`) };
    });
    good.push({ key: 'changed-once', value: scene('changed-once.tif', 'changed-once') });
    const messages = expected.reduce((mixed, message, n) => mixed.toSpliced(20 * n + 7, 0, message), good);
    expect(messages).toHaveLength(500);
    await topics.create(['in', 'out', 'dead'], PARTITIONS);
    await topics.limit('out', 8000); // an event has about 4000 bytes, unless its id is very long
    await topics.send(
      'in',
      messages.map(({ key, value }, n): KafkaMessage => ({ key, value, partition: n % PARTITIONS })),
    );

    saccade = spawnSaccade(['run'], {
      SACCADE_KAFKA_BROKERS: broker.brokers.join(','),
      SACCADE_KAFKA_INPUT_TOPIC: 'in',
      SACCADE_KAFKA_OUTPUT_TOPIC: 'out',
      SACCADE_KAFKA_DEAD_LETTER_TOPIC: 'dead',
      SACCADE_KAFKA_GROUP: 'failures',
      SACCADE_MODEL: model,
      SACCADE_BACKEND: 'wasm',
      SACCADE_THREADS: '1',
      SACCADE_LANES: '2',
      SACCADE_SOURCES_ALLOW_PRIVATE: 'true',
      SACCADE_SOURCES_ROOTS: join(folder, 'inside'),
      SACCADE_SOURCES_TIMEOUT_SECONDS: '2',
      SACCADE_RETRY_ATTEMPTS: '2',
      SACCADE_RETRY_BASE_SECONDS: '0.01',
      SACCADE_BUDGET_MEGABYTES: '2',
      SACCADE_LOG_LEVEL: 'fatal',
    });
    await until('all offsets', async () => (await topics.committed('in', 'failures')) === 500);
    expect(await saccade.stop()).toBe(0);
    expect(saccade.stderr()).toBe('');

    const letters = await topics.readAll('dead');
    const found = letters.map(({ key, value, headers }) => `${key} ${value} ${headers?.['saccade_code']}`);
    expect(found.sort()).toEqual(expected.map(({ key, value, code }) => `${key} ${value} ${code}`).sort());
    expect(new Set(letters.map(({ headers }) => String(headers?.['saccade_code'])))).toEqual(new Set(codes));
    for (const { headers = {} } of letters) {
      const text = Object.fromEntries(Object.entries(headers).map(([name, header]) => [name, String(header)]));
      expect(violations('dead-letter', text)).toEqual([]);
      const { transient } = failures[text['saccade_code'] as FailureCode]; // checked just now
      expect(text).toMatchObject({ saccade_attempts: transient ? '2' : '1' });
    }
    const events = (await topics.readAll('out')).map(({ key }) => String(key));
    expect(events.sort()).toEqual(good.map(({ key }) => key).sort());
  });

  it('counts a bug in a stage as internal, sends its dead letter, and lives on', async () => {
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    await topics.create(['bug-in', 'bug-out', 'bug-dead'], 1);
    await topics.send(
      'bug-in',
      keys.map((key) => ({ key, value: scene('scene-00000.tif', key) })),
    );
    const { brokers } = broker;
    const config = configSchema.parse({ model, sources: { allowPrivate: true }, lanes: 1 });
    const kafka = { ...config.kafka, brokers, group: 'bug', inputTopic: 'bug-in', outputTopic: 'bug-out' };
    const ends = { ...kafka, deadLetterTopic: 'bug-dead', source: 'test', anyResolution: false, version: '0' };
    const start = { log() {}, signal: new AbortController().signal };
    const loaded = await loadModel(model, { backend: 'wasm', threads: 1 });
    const [outcomes, messages] = await Promise.all([kafkaOutcomes(ends, start), kafkaMessages(kafka, start)]);
    const reader = sceneReader({ ...config.sources, roots: [] });
    const bugs: unknown[] = [];
    let looks = 0;
    const look: Model['look'] = async (patches, draw) => {
      looks += 1;
      if (looks === 3) throw new TypeError('cells is not iterable');
      return loaded.look(patches, draw);
    };
    const observe = {
      taken() {},
      stage() {},
      read() {},
      looked() {},
      retrying() {},
      bug: (e: unknown) => bugs.push(e),
      moved() {},
      sent() {},
    };
    const parse = (message: Message) => parseScene(message, config.scenes);
    const random = uniforms(randomKey('bug'));
    const work = { deliveries: messages, parse, reader, model: { ...loaded, look }, draw, outcomes, observe, random };
    const sent = await lastValueFrom(classifyScenes(work, { ...config, ...config.scenes }).pipe(take(6), toArray()));
    for (const part of [messages, outcomes, reader, loaded]) await part.close();

    expect(sent.map(({ kind }) => kind)).toEqual(keys.map((key) => (key === 'c' ? 'failed' : 'classified')));
    expect(bugs).toEqual([new TypeError('cells is not iterable')]);
    const [letter] = await topics.readAll('bug-dead');
    expect([String(letter?.key), String(letter?.headers?.['saccade_code'])]).toEqual(['c', 'internal']);
    expect(await topics.committed('bug-in', 'bug')).toBe(6);
  });
});

async function writeBadFiles(folder: string): Promise<void> {
  await mkdir(join(folder, 'inside'));
  const whole = await readFile(join(folder, 'scene-00000.tif'));
  const copies = ['stalled', 'changing', 'growing', 'changed-once', 'astray', 'unauthorized', 'forbidden'];
  for (const name of [...copies, 'whole', 'elsewhere']) await writeFile(join(folder, `${name}.tif`), whole);
  await writeFile(join(folder, 'truncated.tif'), whole.subarray(0, 3000));
  await writeFile(join(folder, 'text.tif'), 'this is no TIFF\n'.repeat(5000));
  for (const [name, Compression] of [
    ['jpeg2000', 34712],
    ['lzma', 34925],
  ] as const)
    await writeFile(
      join(folder, `${name}.tif`),
      buildTiff([{ fields: { ...plainFields, Compression }, tiles: plainTiles }]),
    );
  const tiff = { tile: true, tileWidth: 256, tileHeight: 256 } as const;
  const image = (size: number) => sharp({ create: { width: size, height: size, channels: 3, background: '#123' } });
  await image(1024)
    .toColourspace('b-w')
    .tiff({ ...tiff, compression: 'deflate' })
    .toFile(join(folder, 'grey.tif'));
  await image(40)
    .tiff({ ...tiff, compression: 'deflate' })
    .toFile(join(folder, 'small.tif'));
  // Without overviews, so that all of its 3 MB would have to be read.
  await image(1024)
    .tiff({ ...tiff, compression: 'none' })
    .toFile(join(folder, 'large.tif'));
}

/** A server that is wrong in one way for each name; `changed-once.tif` is replaced under its first reader only. */
function faults(): (request: IncomingMessage) => Fault | undefined {
  let changed = false;
  return ({ url, headers }) => {
    const isLater = headers['if-match'] !== undefined; // asked with what an earlier answer told
    const replaced = { status: 412, headers: { 'content-length': 0 } };
    switch (url) {
      case '/unauthorized.tif':
        return { status: 401 };
      case '/forbidden.tif':
        return { status: 403 };
      case '/astray.tif':
        return { status: 302, headers: { location: 'file:///etc/passwd' } };
      case '/stalled.tif':
        return { ending: 'stall' };
      case '/whole.tif':
        return { status: 200, headers: { 'content-length': 1e9 }, ending: 'stall' };
      case '/elsewhere.tif':
        return { status: 206, headers: { 'content-range': 'bytes 9-18/100000' }, body: Buffer.alloc(10) };
      case '/changing.tif':
        return isLater ? replaced : undefined;
      case '/growing.tif':
        return isLater ? grown(headers.range) : undefined;
      case '/changed-once.tif': {
        const fault = isLater && !changed ? replaced : undefined;
        changed ||= isLater;
        return fault;
      }
      default:
        return undefined;
    }
  };
}

/** A server that overlooks the condition: the range that was asked for, of another file. */
function grown(range: string | undefined): Fault {
  const [, first = 0, last = 0] = (/^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? []).map(Number);
  return {
    status: 206,
    headers: { 'content-range': `bytes ${first}-${last}/9999999`, etag: '"grown"' },
    body: Buffer.alloc(last - first + 1),
  };
}
