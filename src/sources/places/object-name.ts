import { SceneError } from '../../errors.ts';

/** An object of a store, as `s3://bucket/key`, `gs://bucket/key` and `az://container/key` name it. */
export type ObjectName = {
  readonly bucket: string;
  /** As it stands in the path of an https address: each part encoded. */
  readonly path: string;
};

/** Lets no name out of its bucket: what a bucket is called ends up in the name of a host, a key in a path. */
const BUCKET = /^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/;

/**
 * @param buckets that may be named; none: every one
 * @throws {SceneError} `source.refused`
 */
export function objectName(url: URL, buckets: readonly string[] = []): ObjectName {
  const place = `${url.protocol}//${url.host}`;
  const bucket = url.host;
  if (url.username !== '' || url.password !== '') throw refused(`${place}: credentials in an address`);
  if (!BUCKET.test(bucket)) throw refused(`${place}: not the name of a bucket`);
  if (buckets.length > 0 && !buckets.includes(place)) throw refused(`${place}: not a bucket that is allowed`);
  // What stands behind them is no part of the path, and would name another object without a word.
  if (/[?#]/.test(url.href)) throw refused(`${place}: a query or a fragment; in a key ? is written %3F, and # %23`);
  const key = decode(url.pathname.slice(1), place);
  const parts = key.split('/');
  if (key === '' || parts.includes('..') || parts.includes('.')) throw refused(`${place}: not the key of an object`);
  return { bucket, path: parts.map(encodeURIComponent).join('/') };
}

function decode(path: string, place: string): string {
  try {
    return decodeURIComponent(path);
  } catch (error) {
    throw new SceneError('source.refused', `${place}: a key that is wrongly encoded`, { cause: error });
  }
}

function refused(message: string): SceneError {
  return new SceneError('source.refused', message);
}
