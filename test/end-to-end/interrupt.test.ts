import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import { makeHarbour } from '../../src/training/harbour/make-harbour.ts';
import { untrainedHarbour } from '../fakes/untrained-harbour.ts';
import { until } from '../setup/kafka-topics.ts';
import { parts } from '../setup/parts.ts';
import { serveWithFaults } from '../setup/range-server.ts';
import { spawnSaccade } from '../setup/spawn-saccade.ts';

/** Nothing but the signal ends a program here before the test's own time is over. */
const patient = {
  SACCADE_SOURCES_TIMEOUT_SECONDS: '3000',
  SACCADE_DEADLINE_SECONDS_OPEN: '3000',
  SACCADE_KAFKA_CONNECT_SECONDS: '3000',
  SACCADE_SOURCES_ALLOW_PRIVATE: 'true',
};

/** Ctrl-C in each command, while it waits for what never comes or has much to do (inspect, evaluate and dataset: in their own tests). */
describe('an interrupted command', () => {
  let folder: string;
  let environment: Readonly<Record<string, string>>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-interrupt-'));
    await makeHarbour({ directory: join(folder, 'data'), scenes: 4, sizes: [512], seed: 3 });
    const model = await untrainedHarbour();
    environment = {
      ...patient,
      SACCADE_MODEL: model,
      SACCADE_BACKEND: 'wasm',
      SACCADE_THREADS: '1',
      SACCADE_LANES: '1',
    };
  });
  afterAll(async () => {
    for (const path of [folder, environment['SACCADE_MODEL'] ?? folder]) await rm(path, { recursive: true });
  });

  /** A server whose answers wait until they are let go, if ever. */
  async function slowServer() {
    let letGo = () => {};
    const until = new Promise<void>((resolve) => (letGo = resolve));
    const server = await serveWithFaults(join(folder, 'data'), { until });
    onTestFinished(() => server.close());
    return { ...server, letGo };
  }

  /** Takes connections and never says a word. */
  async function hungBroker() {
    let ask = () => {};
    const asked = new Promise<void>((resolve) => (ask = resolve));
    const server = createServer((socket) => socket.on('data', ask).on('error', () => {}));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void server.close());
    return { asked, brokers: `127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  it('classify: keeps what it has told, and leaves the scene that is begun', async () => {
    const server = await slowServer();
    const scenes = [join(folder, 'data', 'scene-00000.tif'), `${server.url}/scene-00001.tif`, 'never.tif'];
    const classify = spawnSaccade(['classify', '--json', ...scenes], environment);
    await until('the second scene to be begun', async () => server.requests.length > 0);
    expect(await classify.interrupt()).toBe(1);
    expect(classify.stderr()).toBe('saccade: stopped: 1 of 3 scenes were classified and are told whole\n');
    expect(JSON.parse(classify.stdout())).toMatchObject({ specversion: '1.0' });
  });

  it('run: finishes the scene that is begun, takes no other, and says so', async () => {
    const server = await slowServer();
    const lines = [0, 1].map((n) => JSON.stringify({ href: `${server.url}/scene-0000${n}.tif`, id: `scene-${n}` }));
    const run = spawnSaccade(['run'], environment, `${lines.join('\n')}\n`);
    await until('the first scene to be begun', async () => server.requests.length > 0);
    const ended = run.interrupt();
    await run.told('stopping: nothing more is taken');
    server.letGo();
    expect(await ended).toBe(0);
    expect(JSON.parse(run.stdout())).toMatchObject({ subject: 'scene-0' });
    expect(JSON.parse(run.stderr().trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      finished: 1,
      msg: 'stopped: what was not begun is left where it was',
    });
  });

  it('run: ends at once when it is interrupted again', async () => {
    const server = await slowServer();
    const message = JSON.stringify({ href: `${server.url}/scene-00000.tif` });
    const run = spawnSaccade(['run'], { ...environment, SACCADE_DRAIN_SECONDS: '3000' }, message);
    await until('the scene to be begun', async () => server.requests.length > 0);
    void run.interrupt();
    await run.told('stopping');
    expect(await run.interrupt()).toBe(1);
  });

  it('run: waits no longer for its broker, and has taken nothing', async () => {
    const { asked, brokers } = await hungBroker();
    const run = spawnSaccade(['run'], { ...environment, SACCADE_KAFKA_BROKERS: brokers });
    await asked;
    expect(await run.interrupt()).toBe(0);
    expect(JSON.parse(run.stderr())).toMatchObject({ msg: 'stopped before it had started: nothing was taken' });
  });

  it('run --dry-run: waits no longer for its broker', async () => {
    const { asked, brokers } = await hungBroker();
    const run = spawnSaccade(['run', '--dry-run', '--json'], { ...environment, SACCADE_KAFKA_BROKERS: brokers });
    await asked;
    expect([await run.interrupt(), run.stdout(), run.stderr()]).toEqual([1, '', 'saccade: stopped by SIGINT\n']);
  });

  it('demo: keeps the scenes and the events there are, and goes on from the scenes', async () => {
    const out = join(folder, 'demo');
    const command = ['demo', '--json', '--out', out, '--scenes', '60', '--size', '512'];
    const demo = spawnSaccade(command, environment);
    await demo.told('requests'); // of the first answer
    expect([await demo.interrupt(), demo.stdout()]).toEqual([1, '']);
    const [, count] = /stopped: the 60 scenes are kept in \S+, (\d+) of them were classified/.exec(demo.stderr()) ?? [];
    const events = (await readFile(join(out, 'events.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(events.map((line) => JSON.parse(line))).toHaveLength(Number(count));
    expect(Number(count)).toBeLessThan(60);
    const again = spawnSaccade(command, environment);
    expect([await again.ended(), JSON.parse(again.stdout())]).toEqual([0, expect.objectContaining({ scenes: 60 })]);
    expect(again.stderr()).toMatch(/^scenes +60\/60\n/);
  });

  describe.skipIf(!parts.tensorflow)('on native TensorFlow, needs tensorflow', () => {
    it('train: leaves its validation at once, keeps every step, and goes on from there', async () => {
      const [data, many, runs] = [join(folder, 'data'), join(folder, 'many'), join(folder, 'runs')];
      const labels = (await readFile(join(data, 'labels.jsonl'), 'utf8')).replaceAll('"file":"', '"file":"../data/');
      await mkdir(many);
      const again = (pass: number) => labels.replaceAll('"id":"', `"id":"${pass}-`);
      await writeFile(join(many, 'labels.jsonl'), Array.from({ length: 500 }, (_, pass) => again(pass)).join('')); // long enough to be stopped in
      const { model, training } = parse(await readFile('experiments/harbour.yaml', 'utf8'));
      const stages = [{ dataset: data, steps: 4, learningRate: 0.001 }];
      const validation = { dataset: many, everySteps: 2 };
      const small = { model, training: { ...training, batch: 2, cacheMegabytes: 50, stages, validation } };
      await writeFile(join(folder, 'small.yaml'), stringify(small));
      const command = ['train', join(folder, 'small.yaml'), '--out', join(folder, 'model'), '--run', runs];
      const log = () => readFile(join(runs, 'training.jsonl'), 'utf8').catch(() => '');

      const train = spawnSaccade(command, {});
      await until('the first validation to be begun', async () => (await log()).includes('"step":2,'));
      expect([await train.interrupt(), train.stdout()]).toEqual([1, '']);
      const kept = `saccade: stopped: 2 of 4 steps are kept in ${runs}; the same command goes on from there\n`;
      expect(train.stderr()).toContain(kept);
      const resumed = spawnSaccade(command, {});
      await resumed.told(`going on from step 2, kept in ${runs}`);
      expect(await resumed.interrupt()).toBe(1);
      expect(resumed.stderr()).toContain(kept);
      expect(await readdir(runs)).not.toContain('best.checkpoint.json'); // nothing was judged
      const taken = spawnSaccade([...command.slice(0, -1), join(folder, 'small.yaml')], {});
      expect(await taken.ended()).toBe(2);
      expect(taken.stderr()).toMatch(/^saccade: no folder can be made at \S+small\.yaml: EEXIST.*\n$/m);
    });
  });
});
