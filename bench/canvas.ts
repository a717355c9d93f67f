/**
 * What emptiness costs: the same harbour scene of 8192 × 8192 pixels alone, and in a corner of 32768 × 32768 pixels of
 * open water. `saccade classify FILE --json` over each, on each backend, in a process of its own: bytes read at full
 * resolution and of header, index and overview; what all of them are of the file; and the most memory that the process
 * ever held (VmHWM).
 *
 *     npm run bench:canvas -- [backend…]
 *
 * The two files are made once, in the folder for temporary files (0.2 GB). `NODE_OPTIONS` and `MALLOC_ARENA_MAX` reach
 * the program.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { patchBytes } from './patch-bytes.ts';
import { writeCanvas } from './write-canvas.ts';

const CONTENT = { seed: 31, index: 1, size: 8192 };
const CANVASES = [8192, 32768];
const RUNS = 3;
/** Between two looks at a process's memory, in ms; VmHWM only ever grows. */
const LOOK_EVERY = 10;

const { PATH, NODE_OPTIONS, MALLOC_ARENA_MAX } = process.env;
const passedOn = { PATH, NODE_OPTIONS, MALLOC_ARENA_MAX };
const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const backends = process.argv.length > 2 ? process.argv.slice(2) : ['wasm', 'tensorflow'];
const folder = join(tmpdir(), 'saccade-bench-canvas');

type Cost = {
  readonly patchBytes: number;
  readonly overviewBytes: number;
  /** All that was read, of the file. */
  readonly share: number;
  readonly peak: number;
  readonly answer: string;
};

await mkdir(folder, { recursive: true });
const files = await Promise.all(CANVASES.map(made));
console.log(`${availableParallelism()} cores, Node ${process.versions.node}`);
for (const backend of backends) {
  const rows: Record<string, string | number>[] = [];
  for (let run = 1; run <= RUNS; run += 1) {
    const costs: Cost[] = [];
    for (const file of files) costs.push(await classify(file, backend));
    rows.push(row(run, costs as [Cost, Cost]));
  }
  console.log(backend);
  console.table(rows);
}

function row(run: number, [small, large]: [Cost, Cost]): Record<string, string | number> {
  return {
    run,
    answers: `${small.answer}, ${large.answer}`,
    'patch bytes': `${small.patchBytes}, ${large.patchBytes}`,
    ratio: (large.patchBytes / small.patchBytes).toFixed(3),
    'header and overview': `${small.overviewBytes}, ${large.overviewBytes}`,
    'of the file': `1/${(1 / small.share).toFixed(0)}, 1/${(1 / large.share).toFixed(0)}`,
    'peak RSS': `${small.peak.toFixed(1)}, ${large.peak.toFixed(1)} MB`,
    more: `${(large.peak - small.peak).toFixed(1)} MB`,
  };
}

async function made(canvas: number): Promise<string> {
  const file = join(folder, `${canvas}.tif`);
  if (!existsSync(file)) {
    const started = performance.now();
    await writeCanvas(file, CONTENT, canvas);
    const [seconds, { size }] = [(performance.now() - started) / 1000, await stat(file)];
    console.log(`${file}: ${(size / 1e6).toFixed(0)} MB in ${seconds.toFixed(0)} s`);
  }
  return file;
}

async function classify(file: string, backend: string): Promise<Cost> {
  const environment = { ...passedOn, SACCADE_BACKEND: backend };
  const child = spawn(process.execPath, [main, 'classify', file, '--json'], { env: environment });
  let text = '';
  let peak = 0;
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  child.stderr.pipe(process.stderr);
  const watch = setInterval(async () => {
    peak = Math.max(peak, await highWater(child.pid));
  }, LOOK_EVERY);
  const [code] = await once(child, 'close');
  clearInterval(watch);
  if (code !== 0) throw new Error(`saccade classify ${file} ended with ${code}`);
  const { properties } = JSON.parse(text).data;
  const patches = await patchBytes(file, properties.evidence);
  const { bytes } = properties.read;
  const share = bytes / (await stat(file)).size;
  return { patchBytes: patches, overviewBytes: bytes - patches, share, peak, answer: properties.class };
}

/** The most memory that a process has held so far, in MB; 0 where there is no such process. */
async function highWater(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return (Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024) / 1e6;
}
