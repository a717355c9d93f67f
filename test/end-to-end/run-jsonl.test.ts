import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { makeHarbour } from '../../src/training/harbour/make-harbour.ts';
import { untrainedHarbour } from '../fakes/untrained-harbour.ts';
import { freePort } from '../setup/free-port.ts';
import { until } from '../setup/kafka-topics.ts';
import { parts } from '../setup/parts.ts';
import { serveWithFaults } from '../setup/range-server.ts';
import { violations } from '../setup/schemas.ts';
import { spawnSaccade } from '../setup/spawn-saccade.ts';

describe('saccade run on lines of JSON', () => {
  let folder: string;
  let environment: Readonly<Record<string, string>>;
  let lines: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-scenes-'));
    await makeHarbour({ directory: folder, scenes: 2, sizes: [1024], seed: 3 });
    const model = await untrainedHarbour();
    environment = {
      SACCADE_MODEL: model,
      SACCADE_BACKEND: 'wasm',
      SACCADE_THREADS: '1',
      SACCADE_SOURCES_ROOTS: folder,
    };
    const href = (name: string) => JSON.stringify({ href: pathToFileURL(join(folder, name)).href, id: name });
    lines = [href('scene-00000.tif'), 'nonsense', '', href('nowhere.tif'), href('scene-00001.tif')].join('\n');
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  const json = (text: string): Record<string, unknown>[] =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));

  it('writes events to stdout, dead letters and its log to stderr, and ends with the input', async () => {
    const saccade = spawnSaccade(['run'], environment, lines);
    expect(await saccade.ended()).toBe(0);
    const events = json(saccade.stdout());
    expect(events.map((event) => event['subject']).sort()).toEqual(['scene-00000.tif', 'scene-00001.tif']);
    for (const event of events) expect(violations('classification-event', event)).toEqual([]);
    const deadLetters = json(saccade.stderr()).filter((line) => 'saccade_code' in line);
    for (const letter of deadLetters) expect(violations('dead-letter', letter, 'line')).toEqual([]);
    expect(deadLetters.map((letter) => [letter['saccade_origin'], letter['saccade_code']]).sort()).toEqual([
      ['stdin:2', 'message.malformed'],
      ['stdin:4', 'source.missing'],
    ]);
  });

  it('does not say that it runs where its port is taken, and takes nothing', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    onTestFinished(() => void holder.close());
    const { port } = holder.address() as AddressInfo;
    const saccade = spawnSaccade(['run'], { ...environment, SACCADE_HTTP_PORT: `${port}` }, lines);
    expect(await saccade.ended()).toBe(1);
    expect(saccade.stdout()).toBe('');
    expect(saccade.stderr()).toMatch(new RegExp(`^saccade: [^\\n]*EADDRINUSE[^\\n]*:${port}\\n$`));
  });

  it('reads and writes files, and gives the same events again but for times', async () => {
    const input = join(folder, 'messages.jsonl');
    await writeFile(input, lines);
    const runOnce = async (name: string) => {
      const [output, deadLetters] = [join(folder, `${name}.jsonl`), join(folder, `${name}-failed.jsonl`)];
      const args = ['run', '--input', input, '--output', output, '--dead-letters', deadLetters];
      const saccade = spawnSaccade(args, { ...environment, SACCADE_LANES: '1' });
      expect(await saccade.ended()).toBe(0);
      expect(json(await readFile(deadLetters, 'utf8'))).toHaveLength(2);
      return json(await readFile(output, 'utf8')).map(withoutTimes);
    };
    const first = await runOnce('first');
    expect(first).toHaveLength(2);
    expect(await runOnce('second')).toEqual(first);
  });

  it('tells how it fares over HTTP, and stops at once on SIGTERM when there is nothing to do', async () => {
    const port = await freePort();
    const saccade = spawnSaccade(
      ['run'],
      { ...environment, SACCADE_HTTP_PORT: String(port), SACCADE_HTTP_HOST: '127.0.0.1' },
      'open',
    );
    const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
    await until('the service to be ready', async () => (await get('/readyz')).ok);
    expect(await (await get('/livez')).json()).toEqual({ ok: true, reasons: [] });
    expect(await (await get('/metrics')).text()).toMatch(
      /saccade_build_info\{.*model="untrained-harbour".*backend="wasm"\} 1/,
    );
    expect(await saccade.stop()).toBe(0);
  });

  it.skipIf(!parts.promtool)(
    'tells its figures after real scenes so that the linter of Prometheus has nothing to say, needs promtool',
    async () => {
      const port = await freePort();
      const http = { SACCADE_HTTP_PORT: String(port), SACCADE_HTTP_HOST: '127.0.0.1' };
      const small = { SACCADE_SOURCES_FIRST_READ_BYTES: '1024' }; // these files are short: the overview would come with the header
      const saccade = spawnSaccade(['run'], { ...environment, ...http, ...small }, 'open');
      saccade.say(`${lines}\n`);
      const scrape = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      await until('all outcomes', async () => (await scrape()).includes('saccade_scene_seconds_count 4'));
      const text = await scrape();
      expect(await saccade.stop()).toBe(0);
      const linted = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
      expect([linted.stderr, linted.stdout, linted.status]).toEqual(['', '', 0]);
      const figure = (name: string) =>
        Number(
          text
            .split('\n')
            .find((line) => line.startsWith(`${name} `))
            ?.slice(name.length),
        );
      for (const stage of ['open', 'attend', 'fetch', 'look'])
        expect(figure(`saccade_stage_seconds_count{stage="${stage}"}`)).toBe(2);
      for (const kind of ['header', 'overview', 'patches'])
        expect(figure(`saccade_read_bytes_total{kind="${kind}"}`)).toBeGreaterThan(0);
      for (const name of [
        ...['saccade_tensors', 'saccade_tensor_bytes', 'process_resident_memory_bytes', 'nodejs_heap_size_used_bytes'],
        ...['saccade_scene_read_requests_count', 'nodejs_eventloop_lag_p99_seconds', 'saccade_messages_taken_total'],
      ])
        expect([name, figure(name) >= 0]).toEqual([name, true]);
      expect(figure('saccade_stage_errors_total{stage="open",code="source.missing"}')).toBe(1);
    },
  );

  it('reads a named pipe to its end, and stops on SIGTERM while nothing comes through it', async () => {
    const pipe = join(folder, 'pipe');
    spawnSync('mkfifo', [pipe]);
    const start = () => spawnSaccade(['run', '--input', pipe], environment);
    const all = start();
    await all.told('running');
    await writeFile(pipe, lines);
    expect(await all.ended()).toBe(0);
    expect(json(all.stdout())).toHaveLength(2);
    const unwritten = start();
    await unwritten.told('running');
    expect(await unwritten.stop()).toBe(0);
    const silent = start();
    const writer = await open(pipe, 'w'); // opens once it is read
    onTestFinished(() => writer.close());
    await silent.told('running');
    expect(await silent.stop()).toBe(0);
  });

  it('gives begun scenes so long to finish and no longer when it is stopped, and is not ready meanwhile', async () => {
    const server = await serveWithFaults(folder, { respond: () => ({ ending: 'stall' }) });
    const message = JSON.stringify({ href: `${server.url}/scene-00000.tif` });
    const port = await freePort();
    const http = { SACCADE_HTTP_PORT: String(port), SACCADE_HTTP_HOST: '127.0.0.1' };
    const saccade = spawnSaccade(
      ['run'],
      { ...environment, ...http, SACCADE_SOURCES_ALLOW_PRIVATE: 'true', SACCADE_DRAIN_SECONDS: '2' },
      message,
    );
    await until('the scene to be begun', async () => server.requests.length > 0);
    const stopped = saccade.stop();
    await until('the service to say that it stops', async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
      return answer.status === 503 && (await answer.text()).includes('stopping: begun scenes are being finished');
    });
    expect(await stopped).toBe(1);
    expect(saccade.stderr()).toContain('begun scenes did not finish in 2 s; their messages will come again');
    expect(saccade.stdout()).toBe('');
    await server.close();
  });

  it('leaves every file as it is when it does not start: an input that is none, a file that is named twice, no model', async () => {
    const [input, output] = [join(folder, 'kept-in.jsonl'), join(folder, 'kept-out.jsonl')];
    await writeFile(input, lines);
    await writeFile(output, 'events of another day');
    const again = join(folder, 'link.jsonl');
    await symlink(output, again);
    const wrong: [string[], string][] = [
      [['--input', folder, '--output', output], `cannot open ${folder}: it is a directory`],
      [['--input', join(folder, 'nowhere.jsonl'), '--output', output], 'nowhere.jsonl: ENOENT'],
      [['--input', input, '--output', input], `${input} is named twice`],
      [['--input', input, '--output', output, '--dead-letters', again], `${again} is named twice`],
      [['--output', join(folder, 'new'), '--dead-letters', `${folder}/./new`], 'new is named twice'],
    ];
    for (const [files, mistake] of wrong) {
      const saccade = spawnSaccade(['run', ...files], environment);
      expect([files, await saccade.ended()]).toEqual([files, 2]);
      expect(saccade.stderr()).toContain(mistake);
      expect(saccade.stderr().trimEnd().split('\n')).toHaveLength(1);
    }
    const noModel = { ...environment, SACCADE_MODEL: join(folder, 'nowhere') };
    const saccade = spawnSaccade(['run', '--input', input, '--output', output], noModel);
    expect(await saccade.ended()).toBe(2);
    expect(saccade.stderr()).toMatch(/^saccade: no model at .*nowhere.*\n$/);
    expect(await readFile(input, 'utf8')).toBe(lines);
    expect(await readFile(output, 'utf8')).toBe('events of another day');
    const nowhere = ['--input', input, '--output', '/dev/null', '--dead-letters', '/dev/null'];
    expect(await spawnSaccade(['run', ...nowhere], environment).ended()).toBe(0);
  });

  it('refuses to write events to a file that are to be committed with the offsets of their messages', async () => {
    const output = join(folder, 'with-offsets.jsonl');
    const kafka = { SACCADE_KAFKA_BROKERS: '127.0.0.1:1', SACCADE_KAFKA_DELIVERY: 'exactly-once' };
    const saccade = spawnSaccade(['run', '--output', output], kafka);
    expect(await saccade.ended()).toBe(2);
    expect(saccade.stderr()).toBe(
      'saccade: --output: with kafka.delivery: exactly-once outcomes go to Kafka, with the offsets\n',
    );
    await expect(readFile(output)).rejects.toThrow('ENOENT');
  });

  it('refuses wrong settings, all at once', async () => {
    const saccade = spawnSaccade(['run', '--input', 'x'], { SACCADE_LANES: 'many', SACCADE_SEEED: '1' });
    expect(await saccade.ended()).toBe(2);
    expect(saccade.stderr().trimEnd().split('\n')).toHaveLength(2);
  });
});

function withoutTimes(event: Record<string, unknown>): unknown {
  const { time: _, ...rest } = structuredClone(event);
  const data = rest['data'];
  if (data instanceof Object && 'properties' in data && data.properties instanceof Object) {
    Object.assign(data.properties, { processed: '', seconds: {} });
  }
  return rest;
}
