import type { IncomingHttpHeaders } from 'node:http';

/** A file as HTTP sees it. */
export type Representation = {
  readonly size: number;
  /** Strong, with its quotes. */
  readonly etag: string;
  readonly modified: Date;
};

export type Answer = {
  readonly status: 200 | 206 | 412 | 416;
  readonly headers: Readonly<Record<string, string | number>>;
  /** The bytes of the file to send to a GET. */
  readonly body?: { readonly start: number; readonly length: number };
};

/** Decides the answer to a GET: conditions first (RFC 9110 §13.2.2), then the range (§14.2). HEAD gets its headers. */
export function answerRange(request: IncomingHttpHeaders, file: Representation): Answer {
  const headers = { etag: file.etag, 'last-modified': file.modified.toUTCString(), 'accept-ranges': 'bytes' };
  if (!matches(request['if-match'], file)) return { status: 412, headers: { ...headers, 'content-length': 0 } };
  const range = isSame(request['if-range'], file) ? parseRange(request.range, file.size) : 'whole';
  if (range === 'whole') {
    return { status: 200, headers: { ...headers, 'content-length': file.size }, body: { start: 0, length: file.size } };
  }
  if (range === 'outside') {
    return { status: 416, headers: { ...headers, 'content-length': 0, 'content-range': `bytes */${file.size}` } };
  }
  const contentRange = `bytes ${range.start}-${range.start + range.length - 1}/${file.size}`;
  return {
    status: 206,
    headers: { ...headers, 'content-length': range.length, 'content-range': contentRange },
    body: range,
  };
}

function matches(condition: string | undefined, { etag }: Representation): boolean {
  if (condition === undefined || condition.trim() === '*') return true;
  return condition.split(',').some((tag) => tag.trim() === etag);
}

/** If-Range: a range of a file that has changed since is of no use, so the whole file is sent. */
function isSame(condition: string | string[] | undefined, { etag, modified }: Representation): boolean {
  return condition === undefined || condition === etag || condition === modified.toUTCString();
}

/** One range of bytes; anything else, several ranges among them, may be answered with the whole file (§14.2). */
function parseRange(header: string | undefined, size: number): 'whole' | 'outside' | { start: number; length: number } {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? [];
  if (first === '' && last === '') return 'whole';
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'outside' : { start: size - length, length };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return 'whole'; // no valid range
  if (start >= size) return 'outside';
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return { start, length: end - start + 1 };
}
