import type { Dispatcher } from 'undici';
import { type FailureCode, SceneError } from '../../errors.ts';
import type { ByteRange, Identity } from './byte-source.ts';

/** What an answer's body is: so many bytes of a file of that identity. */
export type RangeAnswer = { readonly length: number; readonly identity: Identity };

type Answer = Pick<Dispatcher.ResponseData, 'statusCode' | 'headers'>;

/**
 * Whether an answer is the range that was asked for, of the file that was being read (RFC 9110 sections 14 and 15).
 * @param known the identity of the file, once something of it was read
 * @throws {SceneError} `source.*`; `cog.invalid` for an empty file
 */
export function checkRange(answer: Answer, range: ByteRange, known: Identity | undefined, href: string): RangeAnswer {
  const wanted = `${href}: wanted ${range.length} bytes at ${range.offset}`;
  const fail: Fail = (code, got, retryAfterSeconds) =>
    new SceneError(code, `${wanted}, got ${got}`, { retryAfterSeconds });
  const { statusCode: status } = answer;
  if (status === 416 && known) throw fail('source.changed', `status 416 from a file of ${known.size} bytes`);
  if (status === 416) throw nothingOf(answer, fail);
  if (status === 412) throw fail('source.changed', 'another version of the file (status 412)');
  const failure = failureOf(status);
  if (failure) throw fail(failure, `status ${status}`, retryAfter(answer));
  const encoding = header(answer, 'content-encoding');
  if (encoding && encoding.toLowerCase() !== 'identity') throw fail('source.protocol', `an answer in ${encoding}`);

  const found = status === 206 ? partOf(answer, fail) : wholeOf(answer, range, fail);
  const length = Math.min(range.length, found.size - range.offset);
  if (found.offset !== range.offset || found.length !== length) {
    throw fail('source.protocol', `${found.length} bytes at ${found.offset} of ${found.size}`);
  }
  const identity = {
    etag: header(answer, 'etag') ?? null,
    lastModified: header(answer, 'last-modified') ?? null,
    size: found.size,
  };
  if (known && !isSame(known, identity))
    throw fail('source.changed', `${tell(identity)} of a file that was ${tell(known)}`);
  return { length, identity };
}

function failureOf(status: number): FailureCode | undefined {
  if (status === 200 || status === 206) return undefined;
  if (status === 404 || status === 410) return 'source.missing';
  if (status === 401 || status === 403) return 'source.forbidden';
  if (status === 408 || status === 425 || status === 429 || status >= 500) return 'source.unreachable';
  return 'source.protocol';
}

/** Retry-After (RFC 9110 section 10.2.3): seconds, or a date. */
function retryAfter(answer: Answer): number | undefined {
  const value = header(answer, 'retry-after')?.trim();
  if (!value) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}

type Fail = (code: FailureCode, got: string, retryAfterSeconds?: number) => SceneError;
type Found = ByteRange & { readonly size: number };

/** 416 at the first read, which begins at the first byte: Content-Range says how long the file is, and may say 0. */
function nothingOf(answer: Answer, fail: Fail): SceneError {
  const contentRange = header(answer, 'content-range');
  const size = Number(/^bytes \*\/(\d+)$/i.exec(contentRange ?? '')?.[1] ?? 0);
  if (size === 0) return fail('cog.invalid', `an empty file (${contentRange ?? 'status 416'})`);
  return fail('source.protocol', `none (status 416), though the file has ${size} bytes`);
}

/** 206: Content-Range says which part it is, and how long the whole is. */
function partOf(answer: Answer, fail: Fail): Found {
  const contentRange = header(answer, 'content-range') ?? '';
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/i.exec(contentRange);
  if (!match) throw fail('source.protocol', `Content-Range "${contentRange}"`);
  const [first = 0, last = 0, size = 0] = match.slice(1).map(Number);
  return { offset: first, length: last - first + 1, size };
}

/** 200 hands over the whole file: welcome only where that is no more than was asked for. */
function wholeOf(answer: Answer, range: ByteRange, fail: Fail): Found {
  const size = Number(header(answer, 'content-length') ?? Number.NaN);
  if (size === 0) throw fail('cog.invalid', 'an empty file');
  if (range.offset === 0 && size <= range.length) return { offset: 0, length: size, size };
  const told = Number.isNaN(size) ? 'of a length that it does not tell' : `${size} bytes`;
  throw fail('source.protocol', `the whole file (status 200, ${told}): the server does not serve ranges`);
}

/** An ETag vouches for itself; without one, time and size must do. */
function isSame(before: Identity, now: Identity): boolean {
  if (before.size !== now.size) return false;
  return before.etag === null && now.etag === null
    ? before.lastModified === now.lastModified
    : before.etag === now.etag;
}

function tell({ etag, lastModified, size }: Identity): string {
  return `${size} bytes (${etag ?? lastModified ?? 'undated'})`;
}

function header({ headers }: Answer, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
