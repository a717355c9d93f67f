import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { addressGuard } from '../../../src/sources/bytes/address-guard.ts';
import type { ByteSource } from '../../../src/sources/bytes/byte-source.ts';
import { httpClient } from '../../../src/sources/bytes/http-client.ts';
import { httpSource } from '../../../src/sources/bytes/http-source.ts';

const { signal } = new AbortController();
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
});
