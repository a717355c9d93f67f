import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { objectName } from '../../../src/sources/places/object-name.ts';
import { s3Url } from '../../../src/sources/places/s3-client.ts';
import { sceneReader } from '../../../src/sources/scene-reader.ts';
import { buildTiff, plainFields, plainTiles } from '../../fakes/tiff-builder.ts';
import { type S3Store, serveS3 } from '../../setup/s3-server.ts';

const { signal } = new AbortController();
const all = { x: 0, y: 0, width: 32, height: 32 };
const key = 'a folder/scene (1)+~ü.tif';
const store: S3Store = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  region: 'eu-central-1',
  open: ['public'],
  requesterPays: ['paid'],
};
const keys = { AWS_ACCESS_KEY_ID: store.accessKeyId, AWS_SECRET_ACCESS_KEY: store.secretAccessKey };

let folder: string;
const closing: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-s3-'));
  for (const bucket of ['scenes', 'public', 'paid']) {
    await mkdir(join(folder, bucket, 'a folder'), { recursive: true });
    await writeFile(join(folder, bucket, key), buildTiff([{ fields: plainFields, tiles: plainTiles }]));
  }
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(() => rm(folder, { recursive: true }));

async function serve(more: Partial<S3Store> = {}) {
  const server = await serveS3(folder, { ...store, ...more });
  closing.push(() => server.close());
  return server;
}

/** Through a guard that lets only public addresses pass, but for the endpoint that the environment names. */
async function readAll(href: string, environment: Record<string, string>): Promise<number[]> {
  const settings = { allowPrivate: false, roots: [], timeoutSeconds: 10, firstReadBytes: 256 };
  const reader = sceneReader({ ...settings, environment });
  closing.push(() => reader.close());
  const cog = await reader.open(href, signal);
  expect(cog.href).toBe(new URL(href).href);
  const [raster] = await cog.read(0, [all], signal);
  return Array.from(new Set(raster?.data));
}

describe('s3Client', () => {
  it('reads what a store hands out that checks each signature', async () => {
    const server = await serve();
    const environment = { ...keys, AWS_ENDPOINT_URL_S3: server.url, AWS_REGION: store.region };
    expect(await readAll(`s3://scenes/${key}`, environment)).toEqual([1, 2, 3, 4]);
    expect(server.requests.every(({ range }) => range?.startsWith('bytes='))).toBe(true);
  });

  it('shows the token of keys that do not last, and is let in by no others', async () => {
    const server = await serve({ sessionToken: 'token/+=' });
    const environment = { ...keys, AWS_ENDPOINT_URL: server.url, AWS_DEFAULT_REGION: store.region };
    expect(await readAll(`s3://scenes/${key}`, { ...environment, AWS_SESSION_TOKEN: 'token/+=' })).toEqual([
      1, 2, 3, 4,
    ]);
    for (const wrong of [
      { AWS_SESSION_TOKEN: 'other' },
      { AWS_SECRET_ACCESS_KEY: 'other' },
      { AWS_NO_SIGN_REQUEST: 'YES' },
    ])
      await expect(
        readAll(`s3://scenes/${key}`, { ...environment, AWS_SESSION_TOKEN: 'token/+=', ...wrong }),
      ).rejects.toMatchObject({ code: 'source.forbidden', message: expect.not.stringContaining('token') });
  });

  it('reads what is public without keys', async () => {
    const server = await serve();
    expect(await readAll(`s3://public/${key}`, { AWS_ENDPOINT_URL: server.url, HOME: folder })).toEqual([1, 2, 3, 4]);
  });

  it('learns the region of a bucket from its first answer', async () => {
    const server = await serve();
    expect(await readAll(`s3://scenes/${key}`, { ...keys, AWS_ENDPOINT_URL: server.url })).toEqual([1, 2, 3, 4]);
    expect(server.requests.map(({ bytes }) => bytes > 0)).toEqual([false, true, true]);
  });

  it('says that we pay where it is told to, and only there', async () => {
    const server = await serve();
    const environment = { ...keys, AWS_ENDPOINT_URL: server.url, AWS_REGION: store.region };
    await expect(readAll(`s3://paid/${key}`, environment)).rejects.toMatchObject({ code: 'source.forbidden' });
    expect(await readAll(`s3://paid/${key}`, { ...environment, AWS_REQUEST_PAYER: 'requester' })).toEqual([1, 2, 3, 4]);
  });

  it('shows no signature to where the store redirects, and goes nowhere that is private', async () => {
    const seen: unknown[] = [];
    const other = createServer((request, response) => {
      seen.push(request.headers);
      response.writeHead(404).end();
    });
    const store = createServer((_, response) => response.writeHead(307, { location: urlOf(other) }).end());
    for (const server of [other, store]) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      closing.push(async () => server.close().closeAllConnections());
    }
    const environment = { ...keys, AWS_ENDPOINT_URL: urlOf(store), AWS_SESSION_TOKEN: 'token' };
    await expect(readAll(`s3://scenes/${key}`, environment)).rejects.toMatchObject({ code: 'source.refused' });
    expect(seen).toEqual([]);
    const open = sceneReader({
      allowPrivate: true,
      roots: [],
      timeoutSeconds: 10,
      firstReadBytes: 256,
      environment,
    });
    closing.push(() => open.close());
    await expect(open.open(`s3://scenes/${key}`, signal)).rejects.toMatchObject({ code: 'source.missing' });
    expect(seen).toHaveLength(1);
    expect(Object.keys(seen[0] as object).sort()).toEqual(['accept-encoding', 'connection', 'host', 'range']);
  });
});

function urlOf(server: ReturnType<typeof createServer>): string {
  const address = server.address();
  return typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : '';
}

describe('s3Url', () => {
  const object = (href: string) => objectName(new URL(href));
  it('has the bucket in its host, or in its path where that would fit no certificate', () => {
    const aws = { region: 'us-west-2', endpoint: undefined };
    expect(s3Url(object('s3://scenes/a b/c+d.tif'), aws).href).toBe(
      'https://scenes.s3.us-west-2.amazonaws.com/a%20b/c%2Bd.tif',
    );
    expect(s3Url(object('s3://my.scenes/a.tif'), aws).href).toBe('https://s3.us-west-2.amazonaws.com/my.scenes/a.tif');
    expect(s3Url(object('s3://scenes/a.tif'), { ...aws, region: 'cn-north-1' }).host).toBe(
      'scenes.s3.cn-north-1.amazonaws.com.cn',
    );
  });

  it('has it in the path of other stores', () => {
    const endpoint = new URL('http://minio:9000/s3/');
    expect(s3Url(object('s3://scenes/a.tif'), { region: 'x', endpoint }).href).toBe(
      'http://minio:9000/s3/scenes/a.tif',
    );
  });
});
