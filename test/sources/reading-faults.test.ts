import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RangeServer } from '../../src/commands/range-server.ts';
import { type SceneReader, sceneReader } from '../../src/sources/scene-reader.ts';
import { buildTiff, plainFields, plainTiles } from '../fakes/tiff-builder.ts';
import { type Fault, serveWithFaults } from '../setup/range-server.ts';

/** What servers and networks do to a scene whose ranges are read, each done for real. */
const { signal } = new AbortController();
const all = { x: 0, y: 0, width: 32, height: 32 };
const retries = { tries: 3, baseSeconds: 0.001, maxSeconds: 1 };
const settings = { allowPrivate: true, roots: [], timeoutSeconds: 10, firstReadBytes: 256, retries };
const file = buildTiff([{ fields: plainFields, tiles: plainTiles }]);
/** As the server gives it. */
const etag = `"${createHash('sha256').update(file).digest('hex').slice(0, 32)}"`;
const range = (from: number, to: number) => ({ 'content-range': `bytes ${from}-${to - 1}/${file.length}` });

let folder: string;
const closing: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-faults-'));
  await writeFile(join(folder, 'scene.tif'), file);
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(() => rm(folder, { recursive: true }));

function newReader(more: Partial<Parameters<typeof sceneReader>[0]> = {}): SceneReader {
  const reader = sceneReader({ ...settings, ...more });
  closing.push(() => reader.close());
  return reader;
}

/** The n-th request, counted from 0, goes wrong. */
async function serve(n: number, fault: Fault): Promise<RangeServer> {
  let count = 0;
  const server = await serveWithFaults(folder, { respond: () => (count++ === n ? fault : undefined) });
  closing.push(() => server.close());
  return server;
}

async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closing.push(async () => server.close().closeAllConnections());
  const address = server.address();
  return typeof address === 'object' && address ? `http://127.0.0.1:${address.port}/scene.tif` : '';
}

async function readAll(href: string, reader: SceneReader): Promise<number[]> {
  const cog = await reader.open(href, signal);
  const [raster] = await cog.read(0, [all], signal);
  return Array.from(new Set(raster?.data));
}

describe('sceneReader, at a fault that passes', () => {
  const body = Buffer.alloc(10);
  const headers = (n: number) =>
    n === 0
      ? { ...range(0, 256), 'content-length': 256 }
      : { ...range(256, file.length), 'content-length': file.length - 256, etag };
  const faults: readonly (readonly [string, Fault | ((n: number) => Fault)])[] = [
    ['a 503', { status: 503, body: Buffer.alloc(100_000) }],
    ['a 429 that asks for a pause', { status: 429, headers: { 'retry-after': '0' } }],
    ['a reset before the headers', { ending: 'reset' }],
    ['a reset in the middle of the body', (n) => ({ status: 206, headers: headers(n), body, ending: 'reset' })],
    ['a stall before the headers', { ending: 'stall' }],
    ['a stall in the middle of the body', (n) => ({ status: 206, headers: headers(n), body, ending: 'stall' })],
  ];

  it.each(faults.flatMap(([name, fault]) => [0, 1].map((n) => [name, n, fault] as const)))(
    'recovers from %s at request %i, and counts it',
    async (_, n, fault) => {
      const reader = newReader({ timeoutSeconds: 2 });
      const { url, requests } = await serve(n, typeof fault === 'function' ? fault(n) : fault);
      const cog = await reader.open(`${url}/scene.tif`, signal);
      const [raster] = await cog.read(0, [all], signal);
      expect(Array.from(new Set(raster?.data))).toEqual([1, 2, 3, 4]);
      expect(reader.figures.retries).toBe(1);
      expect(requests).toHaveLength(3);
      expect(cog.cost.requests).toBe(3);
    },
  );

  it('leaves a longer pause than it may make to the next try of the scene', async () => {
    const reader = newReader();
    const { url, requests } = await serve(0, { status: 429, headers: { 'retry-after': '3600' } });
    const failure = { code: 'source.unreachable', retryAfterSeconds: 3600 };
    await expect(readAll(`${url}/scene.tif`, reader)).rejects.toMatchObject(failure);
    expect(requests).toHaveLength(1);
  });

  it('counts what came of a range that broke off', async () => {
    const reader = newReader();
    const { url } = await serve(0, { status: 206, headers: range(0, 256), body: Buffer.alloc(100) });
    const cog = await reader.open(`${url}/scene.tif`, signal);
    expect(cog.cost).toMatchObject({ bytes: 356, requests: 2 });
  });

  it('makes no request that its budget does not cover, tries included', async () => {
    const reader = newReader({ budget: { megabytes: 1, requests: 2 } });
    const server = await serveWithFaults(folder, { respond: () => ({ status: 503 }) });
    closing.push(() => server.close());
    await expect(readAll(`${server.url}/scene.tif`, reader)).rejects.toMatchObject({ code: 'budget.exceeded' });
    expect(server.requests).toHaveLength(2);
  });
});

describe('sceneReader, at a server that breaks HTTP ranges', () => {
  const wrong: readonly (readonly [string, Fault])[] = [
    ['another range', { status: 206, headers: range(256, 512), body: Buffer.alloc(256) }],
    ['no Content-Range', { status: 206, body: Buffer.alloc(256) }],
    ['a body longer than asked', { status: 206, headers: range(0, 256), body: Buffer.alloc(5000) }],
    ['gzip', { status: 206, headers: { ...range(0, 256), 'content-encoding': 'gzip' }, body: gzipSync(file) }],
    [
      'another range that never ends',
      { status: 206, headers: range(256, 512), body: Buffer.alloc(10), ending: 'stall' },
    ],
    [
      'a whole file that is longer than asked',
      { status: 200, headers: { 'content-length': 100_000 }, ending: 'stall' },
    ],
  ];

  it.each(wrong)('refuses %s at once, and reads the next scene', async (_, fault) => {
    const reader = newReader();
    const { url, requests } = await serve(0, fault);
    await expect(readAll(`${url}/scene.tif`, reader)).rejects.toMatchObject({ code: 'source.protocol' });
    expect(requests).toHaveLength(1);
    expect(await readAll(`${url}/scene.tif`, reader)).toEqual([1, 2, 3, 4]);
  });

  it.each([
    ['a whole file', 200, {}],
    ['a longer body', 206, range(0, 256)],
    ['gzip', 206, { ...range(0, 256), 'content-encoding': 'gzip' }],
    ['an error', 404, {}],
  ] as const)('does not listen to the end of %s', async (_, status, headers) => {
    let closed: (value: unknown) => void = () => {};
    const gone = new Promise((resolve) => (closed = resolve));
    const href = await listen((request, response) => {
      request.socket.on('close', closed);
      response.writeHead(status, headers);
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536))) {}
      };
      response.on('drain', more);
      more();
    });
    await expect(readAll(href, newReader())).rejects.toMatchObject({ code: expect.stringMatching(/^source\./) });
    await gone;
  });
});

describe('sceneReader, at a file that changes', () => {
  const other = buildTiff([{ fields: plainFields, tiles: plainTiles.map((tile) => tile.map((value) => value + 10)) }]);

  async function replace(bytes: Uint8Array): Promise<void> {
    const path = join(folder, 'replaced.tif');
    await writeFile(`${path}.new`, bytes);
    await rename(`${path}.new`, path);
  }

  it('never mixes two states of it, and reads the new one on the next try, header included', async () => {
    const reader = newReader();
    const { url } = await serve(-1, {});
    await replace(file);
    expect(await readAll(`${url}/replaced.tif`, reader)).toEqual([1, 2, 3, 4]);
    await replace(other);
    await expect(readAll(`${url}/replaced.tif`, reader)).rejects.toMatchObject({ code: 'source.changed' });
    expect(await readAll(`${url}/replaced.tif`, reader)).toEqual([11, 12, 13, 14]);
    expect(reader.figures).toEqual({ headerHits: 1, headerMisses: 2, retries: 0 });
  });

  it('notices it by the ETag where the server does not know If-Match', async () => {
    let served: Uint8Array = file;
    const href = await listen((request, response) => {
      const [, from = 0, to = 0] = /(\d+)-(\d+)/.exec(request.headers.range ?? '')?.map(Number) ?? [];
      const end = Math.min(to + 1, served.length);
      const etag = served === file ? '"old"' : '"new"';
      response.writeHead(206, { ...range(from, end), etag }).end(served.subarray(from, end));
    });
    const reader = newReader();
    const cog = await reader.open(href, signal);
    served = other;
    await expect(cog.read(0, [all], signal)).rejects.toMatchObject({ code: 'source.changed' });
    expect(await readAll(href, reader)).toEqual([11, 12, 13, 14]);
  });

  it('reads the header once for scenes of one file that are opened together', async () => {
    const reader = newReader();
    const { url, requests } = await serve(-1, {});
    const found = await Promise.all([1, 2, 3].map((n) => readAll(`${url}/scene.tif?sv=1&sig=${n}`, reader)));
    expect(found).toEqual(new Array(3).fill([1, 2, 3, 4]));
    expect(requests.filter(({ range }) => range === 'bytes=0-255')).toHaveLength(1);
    expect(reader.figures).toMatchObject({ headerHits: 2, headerMisses: 1 });
  });
});
