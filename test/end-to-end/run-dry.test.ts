import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { untrainedHarbour } from '../fakes/untrained-harbour.ts';
import { startKafka } from '../setup/kafka-broker.ts';
import { KafkaTopics } from '../setup/kafka-topics.ts';
import { parts } from '../setup/parts.ts';
import { spawnSaccade } from '../setup/spawn-saccade.ts';

describe('saccade run --dry-run', () => {
  let folder: string;
  let environment: Readonly<Record<string, string>>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-dry-'));
    environment = { SACCADE_MODEL: await untrainedHarbour(), SACCADE_BACKEND: 'wasm', SACCADE_THREADS: '1' };
  });
  afterAll(async () => {
    for (const path of [folder, environment?.['SACCADE_MODEL'] ?? folder])
      await rm(path, { recursive: true, force: true });
  });

  async function dry(options: readonly string[], more: Readonly<Record<string, string>> = {}) {
    const saccade = spawnSaccade(['run', '--dry-run', ...options], { ...environment, ...more }, 'open');
    const code = await saccade.ended();
    return { code, stdout: saccade.stdout(), mistakes: saccade.stderr().trimEnd().split('\n') };
  }

  it('computes once, says what it would do, and ends though its input is open', async () => {
    const { code, stdout, mistakes } = await dry([], { SACCADE_HTTP_PORT: '9464' });
    expect([code, mistakes]).toEqual([0, ['']]);
    expect(stdout).toMatch(/^model +untrained-harbour 0\.0\.1, on wasm: a first scene computed in [\d.]+ s$/m);
    expect(stdout).toMatch(/^device +CPU: \S/m);
    expect(stdout).toMatch(/^messages +from stdin, 4 at a time$/m);
    expect(stdout).toMatch(/^health +http:\/\/0\.0\.0\.0:9464\/metrics, /m);
  });

  it('says it as one JSON document, and leaves files as they are', async () => {
    const [input, output, deadLetters] = ['in.jsonl', 'out.jsonl', 'failed.jsonl'].map((name) => join(folder, name));
    await writeFile(input ?? '', 'a message');
    await writeFile(output ?? '', 'an event');
    const files = ['--input', input ?? '', '--output', output ?? '', '--dead-letters', deadLetters ?? ''];
    const { code, stdout } = await dry(['--json', ...files]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      model: { name: 'untrained-harbour', version: '0.0.1', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      backend: 'wasm',
      device: { kind: 'cpu', name: expect.stringMatching(/./) },
      seconds: expect.any(Number),
      messages: { file: input },
      events: { file: output },
      deadLetters: { file: deadLetters },
      lanes: 4,
      http: null,
    });
    expect(await readFile(output ?? '', 'utf8')).toBe('an event');
    await expect(readFile(deadLetters ?? '')).rejects.toThrow('ENOENT');
  });

  it('tells every mistake at once: model, brokers and files', async () => {
    const files = ['--output', join(folder, 'nowhere', 'out.jsonl'), '--dead-letters', folder];
    const { code, stdout, mistakes } = await dry(files, {
      SACCADE_MODEL: '/nowhere',
      SACCADE_KAFKA_BROKERS: '127.0.0.1:1',
    });
    expect([code, stdout]).toEqual([2, '']);
    expect(mistakes.sort()).toEqual([
      expect.stringMatching(/^saccade: cannot open \S+\/out\.jsonl: ENOENT/),
      expect.stringMatching(/^saccade: cannot open \S+: it is a directory$/),
      expect.stringMatching(/^saccade: kafka\.brokers: no answer from 127\.0\.0\.1:1: .*ECONNREFUSED/),
      expect.stringMatching(/^saccade: no model at \/nowhere/),
    ]);
  });

  it('finds networks that do not fit their manifest', async () => {
    const directory = await untrainedHarbour();
    const path = join(directory, 'model.json');
    const manifest = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...manifest, classes: ['none', 'container'] }));
    const { code, mistakes } = await dry([], { SACCADE_MODEL: directory });
    expect([code, mistakes]).toEqual([
      2,
      [expect.stringMatching(/: the head gives 4, and the model has 2 classes: none, container$/)],
    ]);
    await rm(directory, { recursive: true });
  });

  it('refuses wrong settings and --json without it', async () => {
    expect(await dry([], { SACCADE_LANES: 'many' })).toMatchObject({
      code: 2,
      mistakes: [expect.stringContaining('SACCADE_LANES')],
    });
    const saccade = spawnSaccade(['run', '--json'], environment);
    expect([await saccade.ended(), saccade.stderr()]).toEqual([
      2,
      expect.stringContaining('--json goes with --dry-run'),
    ]);
  });

  describe.skipIf(!parts.kafka)('on Kafka, needs kafka', () => {
    it('names the topics that are missing; once they are there, joins no group and takes no message', async () => {
      const broker = await startKafka();
      onTestFinished(() => broker.stop());
      const kafka = { SACCADE_KAFKA_BROKERS: broker.brokers.join(',') };
      const topics = new KafkaTopics(broker.brokers);
      await topics.create(['scenes'], 2);
      const missing = await dry([], { ...kafka, SACCADE_KAFKA_RETRY_TOPICS: '1m' });
      expect(missing).toMatchObject({
        code: 2,
        mistakes: [
          expect.stringContaining('kafka.retryTopics[0]: Kafka has no topic scenes.retry.1m;'),
          expect.stringContaining('no topic classifications;'),
          expect.stringContaining('no topic scenes-failed;'),
        ],
      });
      await topics.create(['classifications', 'scenes-failed'], 1);
      await topics.send('scenes', [{ value: 'nonsense' }]);
      const { code, stdout } = await dry(['--json'], kafka);
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        messages: { brokers: broker.brokers, topic: 'scenes', group: 'saccade' },
        events: { topic: 'classifications' },
        deadLetters: { topic: 'scenes-failed' },
      });
      const admin = new Kafka({ brokers: broker.brokers, logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      expect((await admin.listGroups()).groups).toEqual([]);
      await admin.disconnect();
      expect(await topics.count('scenes-failed')).toBe(0);
    });
  });
});
