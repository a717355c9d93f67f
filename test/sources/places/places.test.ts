import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { addressGuard } from '../../../src/sources/bytes/address-guard.ts';
import { type HttpClient, httpClient } from '../../../src/sources/bytes/http-client.ts';
import { places } from '../../../src/sources/places/places.ts';

const { signal } = new AbortController();
const settings = { roots: [], timeoutSeconds: 10 };

/** What would be asked for, and nothing of it sent. */
function recorder() {
  const asked: (readonly [href: string, headers: object])[] = [];
  const client: HttpClient = {
    async get(url, headers, _, authorise = async (request) => request) {
      const request = await authorise({ url, headers });
      asked.push([request.url.href, request.headers]);
      throw new Error('not sent');
    },
    async close() {},
  };
  return { asked, client };
}

async function request(href: string, more: Partial<Parameters<typeof places>[1]> = {}) {
  const { asked, client } = recorder();
  const source = places(client, { ...settings, ...more })(href);
  await expect(source.read({ offset: 0, length: 10 }, signal)).rejects.toThrow('not sent');
  return { asked: asked[0], href: source.href };
}

const range = { range: 'bytes=0-9', 'accept-encoding': 'identity' };

describe('places', () => {
  it('finds gs: at its https address, with the bearer token that is set for it', async () => {
    const hosts = { 'storage.googleapis.com': { headers: { authorization: 'Bearer x' }, query: '' } };
    expect(await request('gs://scenes/a b.tif', { hosts })).toEqual({
      asked: ['https://storage.googleapis.com/scenes/a%20b.tif', { ...range, authorization: 'Bearer x' }],
      href: 'gs://scenes/a%20b.tif',
    });
  });

  it('finds az: in the account that the environment names, signed, or with a bearer token', async () => {
    const environment = { AZURE_STORAGE_ACCOUNT: 'earth', AZURE_STORAGE_SAS_TOKEN: '?sv=1&sig=a%2Fb' };
    expect(await request('az://scenes/a.tif', { environment })).toEqual({
      asked: [
        'https://earth.blob.core.windows.net/scenes/a.tif?sv=1&sig=a%2Fb',
        { ...range, 'x-ms-version': '2021-08-06' },
      ],
      href: 'az://scenes/a.tif',
    });
    const hosts = { 'earth.blob.core.windows.net': { headers: { authorization: 'Bearer x' }, query: '' } };
    const { asked } = await request('az://scenes/a.tif', { environment: { AZURE_STORAGE_ACCOUNT: 'earth' }, hosts });
    expect(asked).toEqual([
      'https://earth.blob.core.windows.net/scenes/a.tif',
      { ...range, authorization: 'Bearer x', 'x-ms-version': '2021-08-06' },
    ]);
  });

  it('keeps what a message names in its query from every name that it gives a source', async () => {
    expect((await request('https://a.example/a.tif?sig=secret')).href).toBe('https://a.example/a.tif');
  });

  it('asks a store once for what is no longer there', async () => {
    const headers = { 'content-range': 'bytes 0-9/10' };
    for (const href of ['s3://scenes/a.tif', 'gs://scenes/a.tif']) {
      const statuses = [206, 404, 404];
      const client: HttpClient = {
        async get(url) {
          const body = Object.assign(Readable.from([Buffer.alloc(10)]), { dump: async () => null });
          return { url, response: { statusCode: statuses.shift(), headers, body } as never };
        },
        async close() {},
      };
      const source = places(client, settings)(href);
      await source.read({ offset: 0, length: 10 }, signal);
      await expect(source.read({ offset: 0, length: 10 }, signal)).rejects.toMatchObject({ code: 'source.missing' });
      expect(statuses).toEqual([404]);
    }
  });

  it.each([
    ['az://scenes/a.tif', {}],
    ['az://scenes/a.tif', { environment: { AZURE_STORAGE_ACCOUNT: 'evil.org/' } }],
    ['s3://other/a.tif', { buckets: ['s3://scenes'] }],
    ['gs://scenes/a.tif', { buckets: ['s3://scenes'] }],
    ['ftp://scenes/a.tif', {}],
    ['file:///etc/passwd', {}],
    ['file://host/share', { roots: ['/'] }],
  ])('refuses %s with %j', async (href, more) => {
    const open = places(recorder().client, { ...settings, ...more });
    expect(() => open(href)).toThrow(expect.objectContaining({ code: 'source.refused' }));
  });

  it('shows what is set for a host to that host alone, wherever it redirects', async () => {
    const seen: unknown[] = [];
    const servers = [0, 1].map(() =>
      createServer((request, response) => {
        seen.push([request.url, request.headers.authorization]);
        if (seen.length === 1) response.writeHead(302, { location: `${urlOf(servers[1])}/b` });
        else response.writeHead(404);
        response.end();
      }),
    );
    for (const server of servers) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = httpClient(addressGuard({ allowPrivate: true }), { timeoutSeconds: 10, maxConnections: 2 });
    const secret = { headers: { authorization: 'Bearer x' }, query: 'sig=y' };
    const open = places(client, { ...settings, hosts: { [urlOf(servers[0])]: secret } });
    try {
      const source = open(`${urlOf(servers[0])}/a`);
      await expect(source.read({ offset: 0, length: 10 }, signal)).rejects.toMatchObject({ code: 'source.missing' });
      expect(seen).toEqual([
        ['/a?sig=y', 'Bearer x'],
        ['/b', undefined],
      ]);
    } finally {
      await client.close();
      for (const server of servers) server.close().closeAllConnections();
    }
  });
});

function urlOf(server: ReturnType<typeof createServer> | undefined): string {
  const address = server?.address();
  return typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : '';
}
