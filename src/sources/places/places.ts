import { fileURLToPath, pathToFileURL } from 'node:url';
import { SceneError } from '../../errors.ts';
import type { ByteSource } from '../bytes/byte-source.ts';
import { fileSource } from '../bytes/file-source.ts';
import type { HttpClient } from '../bytes/http-client.ts';
import { httpSource } from '../bytes/http-source.ts';
import { awsAccess } from './aws-access.ts';
import { azHeaders, azUrl, azureAccount } from './az-url.ts';
import { type HostSecrets, hostSecrets } from './host-secrets.ts';
import { type ObjectName, objectName } from './object-name.ts';
import { s3Client } from './s3-client.ts';

export type PlaceSettings = {
  /** The folders that `file:` may read from; none: no file. */
  readonly roots: readonly string[];
  /** For one read, and for each wait in it. */
  readonly timeoutSeconds: number;
  /** Buckets that may be named, such as `s3://scenes`; none: every bucket. */
  readonly buckets?: readonly string[];
  /** What single hosts are shown. */
  readonly hosts?: HostSecrets;
  /** The variables by which the tools of AWS and Azure are told their keys; none: only what is public is read. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
};

/**
 * Finds the bytes that an href names: `https:`, `http:`, `s3:`, `gs:`, `az:`, `file:` and plain paths. The guard of the
 * client decides whether an address is read from; nothing is read here.
 * @returns opens an href; throws {SceneError} `source.refused`
 */
export function places(client: HttpClient, settings: PlaceSettings): (href: string) => ByteSource {
  const { roots, timeoutSeconds, buckets, hosts = {}, environment = {} } = settings;
  const access = awsAccess(environment);
  const azure = azureAccount(environment);
  const regions = new Map<string, string>();
  const authorise = hostSecrets(hosts);
  const shown: HttpClient = { ...client, get: (url, headers, signal) => client.get(url, headers, signal, authorise) };
  const readers: Readonly<Record<string, (url: URL) => ByteSource>> = {
    'https:': (url) => httpSource(url, shown, timeoutSeconds),
    'http:': (url) => httpSource(url, shown, timeoutSeconds),
    's3:': (url) => httpSource(url, s3Client(client, objectName(url, buckets), access, regions), timeoutSeconds),
    'gs:': (url) => httpSource(url, standIn(shown, gsUrl(objectName(url, buckets))), timeoutSeconds),
    'az:': (url) => httpSource(url, standIn(shown, azUrl(objectName(url, buckets), azure), azHeaders), timeoutSeconds),
    'file:': (url) => openFile(url, roots),
  };
  return (href) => {
    const url = URL.canParse(href) ? new URL(href) : pathToFileURL(href);
    const read = readers[url.protocol];
    if (read === undefined) throw refused(`${url.protocol} is not a scheme that is read`);
    return read(url);
  };
}

function gsUrl({ bucket, path }: ObjectName): URL {
  return new URL(`https://storage.googleapis.com/${bucket}/${path}`);
}

/** Asks for one address, whatever it is asked for, and keeps that to itself: there is none to be remembered. */
function standIn(client: HttpClient, target: URL, more: Readonly<Record<string, string>> = {}): HttpClient {
  const get: HttpClient['get'] = async (url, headers, signal) => ({
    ...(await client.get(target, { ...more, ...headers }, signal)),
    url,
  });
  return { ...client, get };
}

function openFile(url: URL, roots: readonly string[]): ByteSource {
  if (roots.length === 0) throw refused('no folder is set that files may be read from');
  try {
    return fileSource(fileURLToPath(url), roots);
  } catch (error) {
    throw new SceneError('source.refused', `not a local file: ${url.pathname}`, { cause: error });
  }
}

function refused(message: string): SceneError {
  return new SceneError('source.refused', message);
}
