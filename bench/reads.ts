/**
 * What reading a few windows of a huge file far away takes, beside the readers that there are: header, overview and ten
 * windows of `../shared/data/samples/naip-8192-rgb-jpeg.tif`, decoded, from a server that adds 50 ms to each request.
 *
 *     ops/setup/readers.sh
 *     npm run bench:reads -- [--file FILE] [--latency 50] [--runs 7] [--only saccade-3,async-geotiff]
 *
 * Each reader is a process of its own, and warm: its first read is not counted, but its pixels are compared with ours
 * before anything is timed. Then all take turns. `cold` reads come with no connection open; with `handshakes` a new
 * connection takes two pauses more (TCP and TLS); in the last table connections, and what a reader has learned, are kept.
 * Saccade comes four times: with nothing known; with `twoTrips`, having read one other file of that host, from which it
 * knows how much to read first; so once more where V8 leaves the heap room, which it does not by itself in a process that
 * mostly waits (`docs/library.md`); and with the header of this very file in its cache.
 * Requests, bytes and trips are the server's account, the same in every run or told as a range; times are medians.
 */
import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { neededBytes } from './reads/needed-bytes.ts';
import * as scene from './reads/scene.ts';
import type { Account, Pauses } from './reads/server.ts';

const { values: options } = parseArgs({
  options: {
    file: { type: 'string', default: '../shared/data/samples/naip-8192-rgb-jpeg.tif' },
    latency: { type: 'string', default: '50' },
    runs: { type: 'string', default: '7' },
    only: { type: 'string' },
  },
});
const file = resolve(options.file);
const requestMs = Number(options.latency);
const runs = Number(options.runs);

/** GDAL as its own and TiTiler's manuals tune it for COGs behind HTTP. */
const tuned = {
  GDAL_DISABLE_READDIR_ON_OPEN: 'EMPTY_DIR',
  CPL_VSIL_CURL_ALLOWED_EXTENSIONS: '.tif',
  GDAL_INGESTED_BYTES_AT_OPEN: '32768',
  GDAL_HTTP_MERGE_CONSECUTIVE_RANGES: 'YES',
  GDAL_HTTP_MULTIPLEX: 'YES',
};

type Reader = {
  readonly id: string;
  readonly label: string;
  readonly python?: boolean;
  /** Of Node. */
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
};

const all: readonly Reader[] = [
  { id: 'saccade-3', label: '**Saccade**, three trips, nothing known' },
  { id: 'saccade-2', label: '**Saccade**, two trips, after a file of that host' },
  {
    id: 'saccade-2-room',
    label: '**Saccade**, the same, in a process whose heap has room',
    flags: ['--heap-growing-percent=300'],
  },
  { id: 'saccade-header', label: '**Saccade**, header known' },
  { id: 'async-geotiff', label: 'async-geotiff on obstore', python: true },
  { id: 'rasterio-threads', label: 'GDAL by rasterio, tuned, 10 threads', python: true, environment: tuned },
  { id: 'rasterio', label: 'GDAL by rasterio, plain', python: true },
  { id: 'cogeotiff', label: '@cogeotiff/core, decoded by sharp' },
  { id: 'geotiff-64k', label: 'geotiff.js, blocks of 64 KiB' },
  { id: 'geotiff', label: 'geotiff.js as installed' },
];

type Result = { readonly ms: number; readonly cpuMs: number } & Account;

const python = pythonOfReaders();
const readers = all.filter(({ id, python: needs }) => chosen(id) && (!needs || python !== undefined));
const scratch = mkdtempSync(join(tmpdir(), 'saccade-reads-'));
const server = fork(fileURLToPath(new URL('reads/server.js', import.meta.url)), [file]);
const [origin] = await once(server, 'message');
const clients = new Map(readers.map((reader) => [reader.id, startClient(reader)]));
let turn = 0;

try {
  const needed = await neededBytes(file);
  console.log(`${file}: ${needed.total} bytes needed (header ${needed.header}, overview ${needed.overview}, `);
  console.log(`${needed.tiles} tiles ${needed.windows}); ${requestMs} ms a request; Node ${process.versions.node}, `);
  console.log(`${availableParallelism()} cores; medians of ${runs} in turn, in warm processes\n`);
  if (python === undefined) console.log('Without the readers in Python: ops/setup/readers.sh brings them.\n');
  await comparePixels();
  const handshake = 2 * requestMs;
  for (const [title, pauses] of [
    ['Cold connections', { requestMs, connectionMs: 0, disconnect: true }],
    ['Cold connections, two more round trips for each', { requestMs, connectionMs: handshake, disconnect: true }],
    ['The same, connections kept', { requestMs, connectionMs: handshake, disconnect: false }],
  ] as const)
    printTable(title, await measure(pauses), needed.total);
} finally {
  for (const { child } of clients.values()) child.kill();
  server.kill();
  rmSync(scratch, { recursive: true });
}

/** All readers must have seen the same scene: JPEG decoders may differ by some levels, by their rounding and how they bring colours up. */
async function comparePixels(): Promise<void> {
  const pixels = new Map<string, Buffer>();
  for (const { id } of readers) {
    const path = join(scratch, id);
    await read(id, { requestMs: 0, connectionMs: 0, disconnect: true }, path);
    pixels.set(id, readFileSync(path));
  }
  const [[reference, ours] = ['', Buffer.alloc(0)]] = pixels;
  console.log(
    `Pixels, against ${reference}:\n\n| reader | samples that differ | by at most | on average |\n|---|---|---|---|`,
  );
  for (const { id, label } of readers) {
    const { share, most, mean } = difference(ours, pixels.get(id) ?? Buffer.alloc(0));
    console.log(`| ${label} | ${(100 * share).toFixed(2)} % | ${most} | ${mean.toFixed(3)} |`);
    if (mean > 3 || (id.startsWith('saccade') && most > 0)) throw new Error(`${id} has seen another scene`);
  }
  console.log('');
}

function difference(a: Buffer, b: Buffer): { share: number; most: number; mean: number } {
  if (a.length !== b.length) throw new Error(`${b.length} samples, not ${a.length}`);
  let [differing, most, sum] = [0, 0, 0];
  for (let i = 0; i < a.length; i += 1) {
    const off = Math.abs((a[i] as number) - (b[i] as number)); // of the same length
    if (off > 0) differing += 1;
    if (off > most) most = off;
    sum += off;
  }
  return { share: differing / a.length, most, mean: sum / a.length };
}

async function measure(pauses: Pauses): Promise<Map<string, Result[]>> {
  const results = new Map<string, Result[]>(readers.map(({ id }) => [id, []]));
  for (const { id } of readers) await read(id, pauses); // once without counting: it may connect, and learn
  for (let run = 0; run < runs; run += 1) for (const { id } of readers) results.get(id)?.push(await read(id, pauses));
  return results;
}

/** One read by one reader, under a name that it has never seen, so that it has nothing of it in a cache. */
async function read(id: string, pauses: Pauses, pixels?: string): Promise<Result> {
  await account(pauses);
  await sleep(20); // until both ends know which connections are closed
  turn += 1;
  const url = `${origin}/${turn}/scene.tif`;
  const answer = await clients.get(id)?.ask({ url, keep: !pauses.disconnect, ...(pixels && { pixels }) });
  if (answer === undefined || 'error' in answer) throw new Error(`${id}: ${answer?.error ?? 'gone'}`);
  return { ...answer, ...(await account({ ...pauses, disconnect: false })) };
}

async function account(pauses: Pauses): Promise<Account> {
  const answer = once(server, 'message');
  server.send(pauses);
  const [told] = await answer;
  return told;
}

function startClient({ id, python: needs, flags = [], environment }: Reader) {
  const script = fileURLToPath(new URL('../../bench/reads/client.py', import.meta.url));
  const node = [...flags, fileURLToPath(new URL('reads/client.js', import.meta.url)), id];
  const [program, args] = needs ? [python ?? '', [script, id, JSON.stringify(scene)]] : [process.execPath, node];
  const child: ChildProcess = spawn(program, args, {
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (!child.stdin || !child.stdout) throw new Error('a child with pipes has them');
  const { stdin } = child;
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    async ask(request: scene.ReadRequest): Promise<scene.ReadAnswer | undefined> {
      stdin.write(`${JSON.stringify(request)}\n`);
      const { value } = await lines.next();
      return value === undefined ? undefined : JSON.parse(value);
    },
  };
}

/** Every line stays, whoever wins; bold is the best of a column. */
function printTable(title: string, results: ReadonlyMap<string, readonly Result[]>, needed: number): void {
  const rows = readers.map(({ id, label }) => {
    const found = results.get(id) ?? [];
    const ms = median(found.map((one) => one.ms));
    const cpuMs = median(found.map((one) => one.cpuMs));
    const range = (value: (one: Result) => number, digits = 0) => {
      const values = found.map(value);
      const [least, most] = [Math.min(...values), Math.max(...values)].map((one) => one.toFixed(digits));
      return least === most ? least : `${least} to ${most}`;
    };
    const bytes = range((one) => one.bytes / needed, 3);
    return {
      label,
      cells: [range((o) => o.requests), bytes, range((o) => o.depth), range((o) => o.connections)],
      ms,
      cpuMs,
    };
  });
  const best = Math.min(...rows.map(({ ms }) => ms));
  const bestCpu = Math.min(...rows.map(({ cpuMs }) => cpuMs));
  const shown = (value: number, least: number) => (value === least ? `**${value.toFixed(0)}**` : value.toFixed(0));
  console.log(`${title}:\n`);
  console.log(
    '| reader | requests | bytes / needed | trips | connections | ms | CPU ms |\n|---|---|---|---|---|---|---|',
  );
  for (const { label, cells, ms, cpuMs } of rows)
    console.log(`| ${[label, ...cells, shown(ms, best), shown(cpuMs, bestCpu)].join(' | ')} |`);
  console.log('');
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function chosen(id: string): boolean {
  return options.only === undefined || options.only.split(',').includes(id);
}

/** Where `ops/setup/readers.sh` has put it; undefined where it has not. */
function pythonOfReaders(): string | undefined {
  const script = fileURLToPath(new URL('../../ops/setup/readers.sh', import.meta.url));
  try {
    const told = execFileSync(script, ['--check'], { encoding: 'utf8' });
    const folder = /, in (.*)\)/.exec(told)?.[1] ?? homedir();
    return join(folder, 'bin', 'python');
  } catch {
    return undefined;
  }
}
