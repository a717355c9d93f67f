import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { addressGuard } from '../../../src/sources/bytes/address-guard.ts';
import type { ByteSource } from '../../../src/sources/bytes/byte-source.ts';
import { httpClient } from '../../../src/sources/bytes/http-client.ts';
import { httpSource } from '../../../src/sources/bytes/http-source.ts';

const { signal } = new AbortController();
const file = Uint8Array.from({ length: 100 }, (_, n) => n);
const first = { offset: 0, length: 10 };
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closing.push(async () => server.close().closeAllConnections());
  const address = server.address();
  return typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : '';
}

function open(href: string, timeoutSeconds = 10): ByteSource {
  const client = httpClient(addressGuard({ allowPrivate: true }), { timeoutSeconds, maxConnections: 4 });
  closing.push(() => client.close());
  return httpSource(new URL(href), client, timeoutSeconds);
}

/** As a server answers that keeps to the rules. */
function answer({ headers }: IncomingMessage, response: ServerResponse, etag = '"1"'): void {
  const [, from = 0, to = 0] = /(\d+)-(\d+)/.exec(headers.range ?? '')?.map(Number) ?? [];
  const body = file.subarray(from, to + 1);
  const range = `bytes ${from}-${from + body.length - 1}/${file.length}`;
  response.writeHead(206, { 'content-range': range, 'content-length': body.length, etag }).end(body);
}

describe('httpSource', () => {
  describe('at an error whose page never ends', () => {
    it.each([
      [404, 'source.missing', {}],
      [404, 'source.missing', { 'content-length': 1000 }],
      [403, 'source.forbidden', {}],
      [416, 'cog.invalid', {}],
      [503, 'source.unreachable', {}],
    ] as const)('tells of status %i, as %s, and waits for no more', async (status, code, headers) => {
      let closed: (value: unknown) => void = () => {};
      const gone = new Promise((resolve) => (closed = resolve));
      const url = await listen((request, response) => {
        request.socket.on('close', closed);
        response.writeHead(status, headers).write('not found');
      });
      const message = expect.stringContaining(String(status));
      await expect(open(url, 0.2).read(first, signal)).rejects.toMatchObject({ code, message });
      await gone;
    });
  });

  it.each([
    ['"a"', '"a"'],
    ['""', '""'],
    ['W/"a"', undefined],
    ['w/"a"', undefined],
    ['abc', undefined],
    ['"a" "b"', undefined],
  ])('asks with the ETag %s for If-Match %s', async (etag, wanted) => {
    const sent: unknown[] = [];
    const url = await listen((request, response) => {
      sent.push(request.headers['if-match']);
      answer(request, response, etag);
    });
    const source = open(url);
    for (let n = 0; n < 2; n += 1) await source.read(first, signal);
    expect([source.identity?.etag, sent]).toEqual([etag, [undefined, wanted]]);
  });

  describe('where a redirect led once', () => {
    /** Leads to one place after the other, each of which is good for one read. */
    async function lead(after: RequestListener) {
      const asked: string[] = [];
      const url = await listen((request, response) => {
        const { url: path = '' } = request;
        const isNew = !asked.includes(path);
        asked.push(path);
        if (path === '/') response.writeHead(302, { location: `/${asked.length}` }).end();
        else if (isNew) answer(request, response);
        else after(request, response);
      });
      return { asked, url };
    }

    it.each([400, 401, 403, 404, 410])('asks the first address anew at status %i', async (status) => {
      const { asked, url } = await lead((_, response) => response.writeHead(status).end());
      const source = open(url);
      for (let n = 0; n < 2; n += 1) expect(await source.read(first, signal)).toEqual(file.subarray(0, 10));
      expect(asked).toEqual(['/', '/1', '/1', '/', '/4']);
    });

    it.each<[string, RequestListener]>([
      ['says that it is busy', (_, response) => response.writeHead(503).end()],
      ['breaks off', (request) => request.socket.destroy()],
      ['is silent', () => undefined],
    ])('asks the first address anew with the next try where the place %s', async (_, after) => {
      const { asked, url } = await lead(after);
      const source = open(url, 1);
      await source.read(first, signal);
      await expect(source.read(first, signal)).rejects.toMatchObject({ code: 'source.unreachable' });
      expect(await source.read(first, signal)).toEqual(file.subarray(0, 10));
      expect(asked).toEqual(['/', '/1', '/1', '/', '/4']);
    });

    it('asks but once more', async () => {
      const asked: string[] = [];
      const url = await listen((request, response) => {
        asked.push(request.url ?? '');
        if (request.url === '/') response.writeHead(302, { location: '/1' }).end();
        else if (asked.length === 2) answer(request, response);
        else response.writeHead(404).end();
      });
      const source = open(url);
      await source.read(first, signal);
      await expect(source.read(first, signal)).rejects.toMatchObject({ code: 'source.missing' });
      expect(asked).toEqual(['/', '/1', '/1', '/', '/1']);
    });
  });
});
