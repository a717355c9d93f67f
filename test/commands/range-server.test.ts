import { appendFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RangeServer, serveRanges } from '../../src/commands/range-server.ts';
import { serveWithFaults } from '../setup/range-server.ts';

const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 31) % 251);
let folder: string;
let server: RangeServer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-range-'));
  await mkdir(join(folder, 'served/deep er'), { recursive: true });
  await writeFile(join(folder, 'secret'), 'no');
  await writeFile(join(folder, 'served/scene.tif'), bytes);
  await writeFile(join(folder, 'served/deep er/empty.json'), '');
  await symlink(join(folder, 'secret'), join(folder, 'served/link'));
  server = await serveRanges(join(folder, 'served'));
});

afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

describe('serveRanges', () => {
  it('sends exactly the bytes asked for and keeps account of them', async () => {
    const response = await fetch(`${server.url}/scene.tif`, { headers: { range: 'bytes=70000-169999' } });
    expect([response.status, response.headers.get('content-range')]).toEqual([206, 'bytes 70000-169999/200000']);
    expect(response.headers.get('content-type')).toBe('image/tiff');
    expect(Buffer.compare(new Uint8Array(await response.arrayBuffer()), bytes.slice(70_000, 170_000))).toBe(0);
    expect(server.requests).toEqual([
      { method: 'GET', url: '/scene.tif', range: 'bytes=70000-169999', bytes: 100_000 },
    ]);
  });

  it('sends whole files, empty ones too, and no body to HEAD', async () => {
    const whole = await fetch(`${server.url}/scene.tif`);
    expect(Buffer.compare(new Uint8Array(await whole.arrayBuffer()), bytes)).toBe(0);
    const empty = await fetch(`${server.url}/deep%20er/empty.json`);
    expect([empty.status, await empty.text()]).toEqual([200, '']);
    const head = await fetch(`${server.url}/scene.tif`, { method: 'HEAD' });
    expect([head.headers.get('content-length'), await head.text()]).toEqual(['200000', '']);
    expect(server.requests.map((request) => request.bytes)).toEqual([200_000, 0, 0]);
  });

  it('gives a file that was replaced another strong ETag', async () => {
    const before = (await fetch(`${server.url}/scene.tif`, { method: 'HEAD' })).headers.get('etag') ?? '';
    expect(before).toMatch(/^"[^"]+"$/);
    await appendFile(join(folder, 'served/scene.tif'), 'more');
    const after = await fetch(`${server.url}/scene.tif`, { headers: { 'if-match': before, range: 'bytes=0-9' } });
    expect(after.status).toBe(412);
    expect(after.headers.get('etag')).not.toBe(before);
  });

  it.each(['/none', '/', '/deep%20er', '/link', '/../secret', '/%2e%2e/secret', '/..%2fsecret', '/%00', '/%ff'])(
    'has nothing at %s',
    async (path) => {
      expect(await statusOf(path)).toBe(404);
    },
  );

  it('takes nothing but GET and HEAD', async () => {
    const response = await fetch(`${server.url}/scene.tif`, { method: 'PUT', body: 'x' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('goes on after a client that left in the middle', async () => {
    const leave = new AbortController();
    const response = await fetch(`${server.url}/scene.tif`, { signal: leave.signal });
    leave.abort();
    await expect(response.arrayBuffer()).rejects.toThrow();
    expect((await fetch(`${server.url}/scene.tif`, { headers: { range: 'bytes=-1' } })).status).toBe(206);
  });

  /** Unlike fetch this sends the path as it is. */
  function statusOf(path: string): Promise<number | undefined> {
    const { port } = new URL(server.url);
    return new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port, path }, (response) => resolve(response.resume().statusCode)).on('error', reject);
    });
  }
});

describe('serveWithFaults', () => {
  it('fails as told and is itself again afterwards', async () => {
    const faults = [
      { status: 503, headers: { 'retry-after': '0' } },
      { status: 206, headers: { 'content-length': 100 }, body: bytes.slice(0, 10), ending: 'reset' as const },
      { ending: 'reset' as const },
    ];
    const faulty = await serveWithFaults(join(folder, 'served'), { latencyMs: 1, respond: () => faults.shift() });
    try {
      expect((await fetch(`${faulty.url}/scene.tif`)).status).toBe(503);
      await expect(fetch(`${faulty.url}/scene.tif`).then((response) => response.arrayBuffer())).rejects.toThrow();
      await expect(fetch(`${faulty.url}/scene.tif`)).rejects.toThrow();
      expect((await (await fetch(`${faulty.url}/scene.tif`)).arrayBuffer()).byteLength).toBe(bytes.length);
    } finally {
      await faulty.close();
    }
  });

  it('stalls until the client gives up', async () => {
    const faulty = await serveWithFaults(join(folder, 'served'), { respond: () => ({ status: 200, ending: 'stall' }) });
    const giveUp = new AbortController();
    const response = await fetch(`${faulty.url}/scene.tif`, { signal: giveUp.signal });
    giveUp.abort();
    await expect(response.text()).rejects.toThrow();
    await faulty.close();
  });
});
