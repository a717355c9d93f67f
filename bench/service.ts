/**
 * What the service costs while it works: `saccade run` over 200 harbour scenes of 1024 × 1024, read by ranges on
 * loopback. Its memory after 50 scenes and after 200, the tensors it holds, how late its event loop is, and what a
 * scrape of its metrics takes; all but the last as the service itself tells them.
 *
 *     npm run bench:service -- [model directory] [backend]
 *
 * `NODE_OPTIONS`, `MALLOC_ARENA_MAX` and `TF_NUM_INTRAOP_THREADS` reach the service. V8 leaves garbage lying while there is room: what is left when
 * there is none (`NODE_OPTIONS=--max-old-space-size=64`) is what the service needs.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { serveRanges } from '../src/commands/range-server.ts';
import { makeHarbour } from '../src/training/harbour/make-harbour.ts';

const RUNS = 3;
const WARM = 50;
const SCENES = 200;
const SCRAPES = 20;
const { PATH, NODE_OPTIONS, MALLOC_ARENA_MAX, TF_NUM_INTRAOP_THREADS } = process.env;
const passedOn = { PATH, NODE_OPTIONS, MALLOC_ARENA_MAX, TF_NUM_INTRAOP_THREADS };
const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

type Figures = ReadonlyMap<string, number>;

const [model = 'models/harbour', backend = 'auto'] = process.argv.slice(2);
const directory = join(tmpdir(), 'saccade-bench-service');
await makeHarbour({ directory, scenes: SCENES, sizes: [1024], seed: 21, workers: availableParallelism() });
const server = await serveRanges(directory);
const rows: Record<string, string | number>[] = [];
for (let run = 1; run <= RUNS; run += 1) rows.push({ run, ...(await measure()) });
await server.close();
console.log(`${SCENES} scenes of 1024², ${availableParallelism()} cores, Node ${process.versions.node}, ${model}`);
console.table(rows);
console.log('loop late: how late the event loop of the main thread was, at worst, looked at every 0.1 s.');
console.log(`scrape: median and worst of ${SCRAPES}, as their client sees them.`);

async function measure(): Promise<Record<string, string | number>> {
  const port = await freePort();
  const service = start(port);
  const scrape = async () => figuresOf(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
  const delays: number[] = [];
  const after = async (scenes: number): Promise<Figures> => {
    for (;;) {
      await sleep(500);
      const figures = await scrape();
      delays.push(figure(figures, 'nodejs_eventloop_lag_max_seconds'));
      if (figure(figures, 'saccade_messages_total{outcome="classified"}') >= scenes) return figures;
      if (service.exitCode !== null) throw new Error('the service has ended');
    }
  };
  await listening(port);
  const started = performance.now();
  feed(service, 0, WARM);
  const warm = await after(WARM);
  delays.splice(0); // the loading of the networks is not what is asked
  feed(service, WARM, SCENES);
  const done = await after(SCENES);
  const seconds = (performance.now() - started) / 1000;
  const times = await scrapeTimes(scrape);
  service.stdin.end();
  await once(service, 'close');
  const heap = (figures: Figures) => (figure(figures, 'nodejs_heap_size_used_bytes') / 1e6).toFixed(1);
  const megabytes = (figures: Figures) => figure(figures, 'process_resident_memory_bytes') / 1e6;
  return {
    backend:
      /backend="(\w+)"/.exec([...done.keys()].find((name) => name.startsWith('saccade_build_info')) ?? '')?.[1] ?? '?',
    'scenes/s': (SCENES / seconds).toFixed(1),
    [`RSS after ${WARM}`]: `${megabytes(warm).toFixed(1)} MB`,
    [`after ${SCENES}`]: `${megabytes(done).toFixed(1)} MB`,
    more: `${(megabytes(done) - megabytes(warm)).toFixed(1)} MB`,
    heap: `${heap(warm)} → ${heap(done)} MB`,
    tensors: `${figure(warm, 'saccade_tensors')} → ${figure(done, 'saccade_tensors')}`,
    'loop late': `${(1000 * Math.max(...delays)).toFixed(1)} ms`,
    scrape: `${times.median.toFixed(1)}, ${times.worst.toFixed(1)} ms`,
    series: done.size,
  };
}

function start(port: number): ChildProcessWithoutNullStreams {
  const environment = {
    ...passedOn,
    SACCADE_MODEL: model,
    SACCADE_BACKEND: backend,
    SACCADE_SOURCES_ALLOW_PRIVATE: 'true',
    SACCADE_HTTP_PORT: String(port),
    SACCADE_HTTP_HOST: '127.0.0.1',
    SACCADE_LOG_LEVEL: 'silent',
  };
  const service = spawn(process.execPath, [main, 'run'], { env: environment });
  service.stdout.resume();
  service.stderr.pipe(process.stderr);
  return service;
}

function feed({ stdin }: ChildProcessWithoutNullStreams, from: number, to: number): void {
  for (let n = from; n < to; n += 1)
    stdin.write(`${JSON.stringify({ href: `${server.url}/scene-${String(n).padStart(5, '0')}.tif` })}\n`);
}

/** Also how long its client waits for it. */
async function scrapeTimes(scrape: () => Promise<Figures>): Promise<{ median: number; worst: number }> {
  const times: number[] = [];
  for (let n = 0; n < SCRAPES; n += 1) {
    const started = performance.now();
    await scrape();
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  return { median: times[SCRAPES / 2] ?? Number.NaN, worst: times.at(-1) ?? Number.NaN };
}

function figuresOf(text: string): Figures {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

function figure(figures: Figures, name: string): number {
  const value = figures.get(name);
  if (value === undefined) throw new Error(`the service does not tell ${name}`);
  return value;
}

async function listening(port: number): Promise<void> {
  for (const deadline = performance.now() + 60_000; performance.now() < deadline; await sleep(100)) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
  }
  throw new Error('the service was not ready within 60 s');
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await once(probe.listen(0, '127.0.0.1'), 'listening');
  const address = probe.address();
  await once(probe.close(), 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}
