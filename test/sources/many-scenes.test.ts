import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerRange } from '../../src/commands/answer-range.ts';
import { type SceneReader, sceneReader } from '../../src/sources/scene-reader.ts';
import { buildTiff, plainFields } from '../fakes/tiff-builder.ts';

/** A hundred scenes at once, of one host and of twenty: counted in connections and in answers, never in seconds. */
const SCENES = 100;
const HOSTS = 20;
const CONNECTIONS = 8;
const fields = { ...plainFields, ImageWidth: 512, ImageLength: 512 };
const tiles = Array.from({ length: 1024 }, (_, n) => new Uint8Array(256).fill(n));
const overview = { ...plainFields, NewSubfileType: 1, ImageWidth: 64, ImageLength: 64 };
const file = buildTiff([
  { fields, tiles },
  { fields: overview, tiles: tiles.slice(0, 16) },
]);
const whole = { x: 0, y: 0, width: 64, height: 64 };
const windows = Array.from({ length: 10 }, (_, n) => ({ x: 48 * n, y: (n * 199) % 480, width: 20, height: 20 }));

type Host = { readonly url: string; readonly most: () => number; answers(): number; close(): void };

/** Every path is the same file. */
async function listen(): Promise<Host> {
  let [open, most, answers] = [0, 0, 0];
  const server = createServer(async ({ headers }, response) => {
    await sleep(2);
    answers += 1;
    const {
      status,
      headers: given,
      body,
    } = answerRange(headers, { size: file.length, etag: '"1"', modified: new Date(0) });
    response.writeHead(status, given).end(body && file.subarray(body.start, body.start + body.length));
  });
  server.on('connection', (socket) => {
    open += 1;
    most = Math.max(most, open);
    socket.on('close', () => (open -= 1));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const close = () => server.close().closeAllConnections();
  return { url: `http://127.0.0.1:${port}`, most: () => most, answers: () => answers, close };
}

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** Bytes that are held, what is only waiting to be collected apart. */
async function heldBytes(): Promise<number> {
  for (let n = 0; n < 3; n += 1) {
    await sleep(10);
    collect();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

describe('sceneReader, with a hundred scenes at once', () => {
  let hosts: Host[];
  let reader: SceneReader;
  let served = 0;
  beforeAll(async () => {
    hosts = await Promise.all(Array.from({ length: HOSTS }, listen));
    const settings = { allowPrivate: true, roots: [], timeoutSeconds: 30, firstReadBytes: 1024 };
    reader = sceneReader({ ...settings, maxConnections: CONNECTIONS, headerCacheBytes: 1_000_000 });
  });
  afterAll(async () => {
    await reader.close();
    for (const host of hosts) host.close();
  });

  async function readScene(host: Host): Promise<number> {
    served += 1;
    const { signal } = new AbortController();
    const cog = await reader.open(`${host.url}/${served}.tif`, signal);
    await cog.read(1, [whole], signal);
    const patches = await cog.read(0, windows, signal);
    expect(patches[3]?.data[0]).toBe((32 * Math.floor(((3 * 199) % 480) / 16) + 9) % 256);
    return hosts.reduce((sum, { answers }) => sum + answers(), 0);
  }

  /** After how many answers of all hosts together each scene was done, since the start. */
  async function readAll(from: readonly Host[]): Promise<number[]> {
    const before = hosts.reduce((sum, { answers }) => sum + answers(), 0);
    const scenes = Array.from({ length: SCENES }, (_, n) => readScene(from[n % from.length] as Host)); // within it
    const ends = await Promise.all(scenes);
    return ends.map((end) => end - before).sort((a, b) => a - b);
  }

  it.each([1, HOSTS])('of %i hosts, lets none starve and opens no more connections than it may', async (count) => {
    const ends = await readAll(hosts.slice(0, count));
    expect((ends.at(-1) ?? 0) / (ends[SCENES / 2] ?? 1)).toBeLessThanOrEqual(4);
    for (const host of hosts.slice(0, count)) {
      expect(host.most()).toBeGreaterThan(1);
      expect(host.most()).toBeLessThanOrEqual(CONNECTIONS);
    }
  });

  it.each([1, HOSTS])('of %i hosts, holds no more afterwards, however often', async (count) => {
    const some = hosts.slice(0, count);
    await readAll(some);
    const before = await heldBytes();
    for (let n = 0; n < 3; n += 1) await readAll(some);
    expect((await heldBytes()) - before).toBeLessThan(2_000_000);
  });
});
