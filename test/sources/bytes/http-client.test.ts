import { createServer, type IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressGuard } from '../../../src/sources/bytes/address-guard.ts';
import { httpClient } from '../../../src/sources/bytes/http-client.ts';

const { signal } = new AbortController();
const settings = { timeoutSeconds: 10, maxConnections: 2 };

describe('httpClient', () => {
  const seen: IncomingHttpHeaders[] = [];
  let port = 0;
  const server = createServer((request, response) => {
    seen.push(request.headers);
    if (request.url === '/moved') response.writeHead(302, { location: '/a' }).write('never ends');
    else if (request.url === '/astray') response.writeHead(302, { location: 'http://' }).write('never ends');
    else response.end('found');
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  });
  afterAll(() => server.close().closeAllConnections());

  it('connects to the very address that was looked at, under the name that was asked for', async () => {
    const asked: string[] = [];
    const origin = `http://files.invalid:${port}`; // a name that no system resolves
    const guard = addressGuard({ allowPrivate: false, privateOrigins: [origin] }, (host, _, callback) => {
      asked.push(host);
      callback(null, [{ address: '127.0.0.1', family: 4 }]);
    });
    const client = httpClient(guard, settings);
    const { response } = await client.get(new URL(`${origin}/a`), {}, signal);
    expect(await response.body.text()).toBe('found');
    expect([asked, seen.at(-1)?.host]).toEqual([['files.invalid'], `files.invalid:${port}`]);
    await client.close();
  });

  it('looks at every new connection anew: a name that moves to a private address is refused', async () => {
    const before = seen.length;
    let address = '127.0.0.1';
    const guard = addressGuard({ allowPrivate: false, ports: [port] }, (_, __, callback) =>
      callback(null, [{ address, family: 4 }]),
    );
    const client = httpClient(guard, settings);
    for (address of ['127.0.0.1', '10.0.0.1', '169.254.169.254', '::1'])
      await expect(client.get(new URL(`https://files.invalid:${port}/a`), {}, signal)).rejects.toMatchObject({
        code: 'source.refused',
        message: `files.invalid is ${address}, not a public address`,
      });
    expect(seen).toHaveLength(before);
    await client.close();
  });

  it('follows a redirect without waiting for the end of its page', async () => {
    const client = httpClient(addressGuard({ allowPrivate: true }), settings);
    const { url, response } = await client.get(
      new URL(`http://127.0.0.1:${port}/moved`),
      {},
      AbortSignal.timeout(5000),
    );
    expect([url.pathname, await response.body.text()]).toEqual(['/a', 'found']);
    await client.close();
  });

  it('is done with a redirect that it may not follow: the only connection there may be is free again', async () => {
    const client = httpClient(addressGuard({ allowPrivate: true }), { ...settings, maxConnections: 1 });
    const get = (path: string) => client.get(new URL(`http://127.0.0.1:${port}${path}`), {}, AbortSignal.timeout(5000));
    await expect(get('/astray')).rejects.toMatchObject({ code: 'source.protocol' });
    expect(await (await get('/a')).response.body.text()).toBe('found');
    await client.close();
  });
});
