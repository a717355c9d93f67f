import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { answerRange } from '../../src/commands/answer-range.ts';
import type { RangeServer } from '../../src/commands/range-server.ts';
import { type SceneReader, sceneReader } from '../../src/sources/scene-reader.ts';
import { buildTiff, plainFields, plainTiles } from '../fakes/tiff-builder.ts';
import { type Fault, serveWithFaults } from '../setup/range-server.ts';

const { signal } = new AbortController();
const all = { x: 0, y: 0, width: 32, height: 32 };
const once = { tries: 1, baseSeconds: 0, maxSeconds: 0 };
const settings = { allowPrivate: true, roots: [], timeoutSeconds: 10, firstReadBytes: 256, retries: once };
const file = buildTiff([{ fields: plainFields, tiles: plainTiles }]);

let folder: string;
let reader: SceneReader;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-reader-'));
  await writeFile(join(folder, 'scene.tif'), file);
  await writeFile(join(folder, 'empty.tif'), '');
  reader = sceneReader(settings);
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(async () => {
  await reader.close();
  await rm(folder, { recursive: true });
});

/** The n-th request, counted from 0, goes wrong. */
async function serve(n = -1, fault: Fault = {}): Promise<RangeServer> {
  let count = 0;
  const server = await serveWithFaults(folder, { respond: () => (count++ === n ? fault : undefined) });
  closing.push(() => server.close());
  return server;
}

async function listen(answer: RequestListener): Promise<string> {
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => server.close().closeAllConnections());
  const address = server.address();
  return typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : '';
}

async function readAll(href: string, from: SceneReader = reader): Promise<number[]> {
  const cog = await from.open(href, signal);
  const [raster] = await cog.read(0, [all], signal);
  return Array.from(new Set(raster?.data));
}

describe('sceneReader', () => {
  it('reads over HTTP by ranges alone, and tells what it cost', async () => {
    const server = await serve();
    const cog = await reader.open(`${server.url}/scene.tif?sig=secret`, signal);
    const [raster] = await cog.read(0, [{ x: 16, y: 16, width: 16, height: 16 }], signal);
    expect(new Set(raster?.data)).toEqual(new Set([4]));
    expect(server.requests.map(({ method, range }) => `${method} ${range}`)).toEqual([
      'GET bytes=0-255',
      `GET bytes=${file.length - 256}-${file.length - 1}`,
    ]);
    expect(cog.cost).toEqual({ bytes: 512, requests: 2, trips: 2, tiles: 1 });
    expect(cog).toMatchObject({ href: `${server.url}/scene.tif`, bytes: file.length, etag: expect.any(String) });
  });

  it('reads first of each file of a scene as much as its header is said to be long', async () => {
    const [one, other] = [await serve(), await serve()];
    await reader.open([`${one.url}/scene.tif`, `${other.url}/scene.tif`], signal, { headerBytes: [undefined, 1100] });
    expect([one, other].map(({ requests }) => requests[0]?.range)).toEqual(['bytes=0-255', 'bytes=0-1099']);
  });

  it('reads one thing after the other over one connection', async () => {
    const sockets = new Set<unknown>();
    const { url } = await serveWithFaults(folder, { respond: ({ socket }) => void sockets.add(socket) });
    const cog = await reader.open(`${url}/scene.tif`, signal);
    for (let i = 0; i < 5; i += 1) await cog.read(0, [all], signal);
    expect(sockets.size).toBe(1);
  });

  it('takes a short file whole from a server without ranges', async () => {
    const url = await listen((_, response) => response.end(file));
    const generous = sceneReader({ ...settings, firstReadBytes: 4096 });
    closing.push(() => generous.close());
    expect(await readAll(url, generous)).toEqual([1, 2, 3, 4]);
    await expect(readAll(url)).rejects.toMatchObject({ code: 'source.protocol' });
  });

  it.each([
    ['404', { status: 404 }, 'source.missing'],
    ['403', { status: 403 }, 'source.forbidden'],
    ['503', { status: 503, body: Buffer.alloc(100_000) }, 'source.unreachable'],
    ['a reset before the headers', { ending: 'reset' }, 'source.unreachable'],
    ['the whole file', { status: 200, headers: { 'content-length': 1e9 }, ending: 'stall' }, 'source.protocol'],
    [
      'another range',
      { status: 206, headers: { 'content-range': range(256, 512) }, body: Buffer.alloc(256) },
      'source.protocol',
    ],
    [
      'a short body',
      { status: 206, headers: { 'content-range': range(0, 256) }, body: Buffer.alloc(10) },
      'source.unreachable',
    ],
    [
      'a body that is cut off',
      {
        status: 206,
        headers: { 'content-range': range(0, 256), 'content-length': 256 },
        body: Buffer.alloc(10),
        ending: 'reset',
      },
      'source.unreachable',
    ],
    [
      'a body longer than asked',
      { status: 206, headers: { 'content-range': range(0, 256) }, body: Buffer.alloc(5000) },
      'source.protocol',
    ],
  ] as const)('calls %s what it is, tells no signature, and reads the next scene', async (_, fault, code) => {
    const { url } = await serve(0, fault);
    const failure: unknown = await readAll(`${url}/scene.tif?sig=secret`).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code, message: expect.not.stringContaining('secret') });
    expect(await readAll(`${url}/scene.tif?sig=secret`)).toEqual([1, 2, 3, 4]);
  });

  it('calls what is not HTTP a broken protocol', async () => {
    const server = createTcpServer((socket) => socket.once('data', () => socket.end('SSH-2.0-OpenSSH\r\n')));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(async () => server.close());
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await expect(readAll(`http://127.0.0.1:${port}/a.tif`)).rejects.toMatchObject({ code: 'source.protocol' });
  });

  it('waits no longer than it may', async () => {
    const hasty = sceneReader({ ...settings, timeoutSeconds: 0.05 });
    closing.push(() => hasty.close());
    for (const fault of [
      { ending: 'stall' },
      { status: 206, headers: { 'content-range': range(0, 256) }, ending: 'stall' },
    ] as const) {
      const { url } = await serve(0, fault);
      await expect(readAll(`${url}/scene.tif`, hasty)).rejects.toMatchObject({ code: 'source.unreachable' });
    }
    await expect(readAll('http://127.0.0.1:1/scene.tif')).rejects.toMatchObject({ code: 'source.unreachable' });
  });

  it("lets the caller's abort reach the socket, its reason untouched", async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    let closed: (value: unknown) => void = () => {};
    const gone = new Promise((resolve) => (closed = resolve));
    const url = await listen((request) => {
      request.socket.on('close', closed);
      stop.abort(reason);
    });
    await expect(reader.open(url, stop.signal)).rejects.toBe(reason);
    await gone;
  });

  it('notices that a file was replaced between two reads', async () => {
    const path = join(folder, 'replaced.tif');
    await writeFile(path, file);
    const { url } = await serve();
    const local = sceneReader({ ...settings, roots: [folder] });
    closing.push(() => local.close());
    for (const href of [`${url}/replaced.tif`, pathToFileURL(path).href]) {
      const opener = href.startsWith('http') ? reader : local;
      const cog = await opener.open(href, signal);
      await writeFile(`${path}.new`, Buffer.concat([file, Buffer.alloc(1)]));
      await rename(`${path}.new`, path);
      await expect(cog.read(0, [all], signal)).rejects.toMatchObject({ code: 'source.changed' });
    }
  });

  describe('of a file that came whole with its header', () => {
    const other = Buffer.from(file).fill(9, file.length - 256); // the last of its four tiles
    const generous = () => {
      const made = sceneReader({ ...settings, firstReadBytes: 4096 });
      closing.push(() => made.close());
      return made;
    };
    const serving = async (answer: () => { status?: number; file: Buffer; etag: string }) => {
      let asked = 0;
      const url = await listen(({ headers }, response) => {
        asked += 1;
        const { status: failure, file: served, etag } = answer();
        if (failure) return response.writeHead(failure).end();
        const { status, ...found } = answerRange(headers, { size: served.length, etag, modified: new Date(0) });
        const { start = 0, length = 0 } = found.body ?? {};
        return response.writeHead(status, found.headers).end(served.subarray(start, start + length));
      });
      return { url, asked: () => asked };
    };

    it('asks once more for each scene of it, and notices that it was replaced', async () => {
      let now = { file, etag: '"1"' };
      const { url, asked } = await serving(() => now);
      const kept = generous();
      expect(await readAll(url, kept)).toEqual([1, 2, 3, 4]);
      expect(await readAll(url, kept)).toEqual([1, 2, 3, 4]);
      expect(asked()).toBe(2);
      now = { file: other, etag: '"2"' };
      await expect(readAll(url, kept)).rejects.toMatchObject({ code: 'source.changed' });
      expect(await readAll(url, kept)).toEqual([1, 2, 3, 9]);
    });

    it.each([
      [404, 'source.missing'],
      [403, 'source.forbidden'],
    ])('is refused it with status %i', async (status, code) => {
      const answer = { file, etag: '"1"' };
      let now: typeof answer & { status?: number } = answer;
      const { url } = await serving(() => now);
      const kept = generous();
      await readAll(url, kept);
      now = { ...answer, status };
      await expect(readAll(url, kept)).rejects.toMatchObject({ code });
    });

    it('reads it again from a server without ranges', async () => {
      const url = await listen((_, response) =>
        response.writeHead(200, { etag: '"1"', 'content-length': file.length }).end(file),
      );
      const kept = generous();
      expect(await readAll(url, kept)).toEqual([1, 2, 3, 4]);
      expect(await readAll(url, kept)).toEqual([1, 2, 3, 4]);
    });
  });

  it('asks the first address again once the one that it led to is no longer valid', async () => {
    let [asked, valid] = [0, 0];
    const store = await listen(({ url, headers }, response) => {
      if (url !== `/scene.tif?sig=${valid}`) return response.writeHead(403).end();
      const { status, ...answer } = answerRange(headers, { size: file.length, etag: '"1"', modified: new Date(0) });
      const { start = 0, length = 0 } = answer.body ?? {};
      return response.writeHead(status, answer.headers).end(file.subarray(start, start + length));
    });
    const url = await listen((_, response) => {
      asked += 1;
      response.writeHead(302, { location: `${store}/scene.tif?sig=${valid}` }).end();
    });
    const cog = await reader.open(url, signal);
    expect(await cog.read(0, [all], signal)).toHaveLength(1);
    expect(asked).toBe(1);
    valid += 1;
    expect(await cog.read(0, [all], signal)).toHaveLength(1);
    expect(asked).toBe(2);
  });

  it('follows three redirects, and checks each hop', async () => {
    const { url: origin } = await serve();
    const url = await listen((request, response) => {
      const left = Number(new URL(request.url ?? '', 'http://x').searchParams.get('left'));
      const location = left > 1 ? `/?left=${left - 1}` : `${origin}/scene.tif`;
      response.writeHead(302, { location }).end();
    });
    expect(await readAll(`${url}/?left=3`)).toEqual([1, 2, 3, 4]);
    await expect(readAll(`${url}/?left=4`)).rejects.toMatchObject({ code: 'source.protocol' });
    const astray = await listen((_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end());
    await expect(readAll(astray)).rejects.toMatchObject({ code: 'source.refused' });
  });

  it.each([
    'http://127.0.0.1',
    'http://localhost',
    'http://[::ffff:127.0.0.1]',
    'http://2130706433',
    'https://localhost',
  ])('refuses a redirect to %s before a connection is made', async (target) => {
    let connections = 0;
    const hidden = createTcpServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => hidden.listen(0, resolve));
    closing.push(async () => hidden.close());
    const address = hidden.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const open = await listen((_, response) => response.writeHead(307, { location: `${target}:${port}/a` }).end());
    const guarded = sceneReader({
      ...settings,
      allowPrivate: false,
      privateOrigins: [open],
      ports: [port ?? 0],
    });
    closing.push(() => guarded.close());
    await expect(guarded.open(`${open}/a.tif`, signal)).rejects.toMatchObject({ code: 'source.refused' });
    expect(connections).toBe(0);
    await expect(readAll(`http://127.0.0.1:${port}/a`)).rejects.toMatchObject({ code: 'source.unreachable' });
    expect(connections).toBeGreaterThan(0);
  });

  it('refuses addresses of every special range at once, metadata services among them', async () => {
    const strict = sceneReader({ ...settings, allowPrivate: false });
    closing.push(() => strict.close());
    for (const host of [
      '169.254.169.254',
      '[fd00:ec2::254]',
      '168.63.129.16',
      '100.100.100.200',
      '[64:ff9b::a9fe:a9fe]',
    ])
      await expect(strict.open(`https://${host}/a?sig=secret`, signal)).rejects.toMatchObject({
        code: 'source.refused',
        message: expect.not.stringContaining('secret'),
      });
  });

  it.each([
    'http://127.0.0.1/a.tif',
    'https://127.0.0.1/a.tif',
    'https://localhost/a.tif',
    'ftp://example.org/a.tif',
    's3://Bucket/a.tif',
    'file:///etc/passwd',
    'a.tif',
  ])('refuses %s unless it is told otherwise', async (href) => {
    const strict = sceneReader({ ...settings, allowPrivate: false });
    closing.push(() => strict.close());
    await expect(strict.open(href, signal)).rejects.toMatchObject({ code: 'source.refused' });
  });

  it('reads files under its roots, and none elsewhere', async () => {
    const root = join(folder, 'root');
    await mkdir(root);
    await writeFile(join(root, 'inside.tif'), file);
    await symlink(join(folder, 'scene.tif'), join(root, 'link.tif'));
    const other = join(folder, 'other');
    await mkdir(other);
    await writeFile(join(other, 'beside.tif'), file);
    const local = sceneReader({ ...settings, roots: [join(folder, 'absent'), root, other] });
    closing.push(() => local.close());
    expect(await readAll(pathToFileURL(join(root, 'inside.tif')).href, local)).toEqual([1, 2, 3, 4]);
    expect(await readAll(join(root, 'inside.tif'), local)).toEqual([1, 2, 3, 4]);
    expect(await readAll(join(other, 'beside.tif'), local)).toEqual([1, 2, 3, 4]);
    for (const path of ['../scene.tif', 'link.tif', '.', '/dev/zero']) {
      const href = path.startsWith('/') ? path : join(root, path);
      await expect(local.open(href, signal)).rejects.toMatchObject({ code: 'source.refused' });
    }
    await expect(local.open(join(root, 'none.tif'), signal)).rejects.toMatchObject({ code: 'source.missing' });
  });

  it('calls an empty file no TIFF', async () => {
    const { url } = await serve();
    await expect(reader.open(`${url}/empty.tif`, signal)).rejects.toMatchObject({ code: 'cog.invalid' });
  });
});

function range(from: number, to: number): string {
  return `bytes ${from}-${to - 1}/${file.length}`;
}
