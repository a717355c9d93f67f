import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type FileHandle, open, readFile, realpath } from 'node:fs/promises';
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { answerRange } from './answer-range.ts';

/** Serves the files of a folder over HTTP as object stores do: byte ranges and conditions of RFC 9110, on loopback. */
export type RangeServer = {
  /** Without a slash at the end. */
  readonly url: string;
  /** What was asked for, in the order of arrival. */
  readonly requests: readonly RangeRequest[];
  /** Cuts what is under way, and resolves when the port is free. */
  close(): Promise<void>;
};

export type RangeRequest = {
  readonly method: string;
  /** The path as asked for, such as `/scene.tif`. */
  readonly url: string;
  /** The header as sent, such as `bytes=0-16383`. */
  readonly range: string | undefined;
  /** Bytes of the body of the answer, also if the client leaves before it has them all. */
  bytes: number;
};

/** Answers a request and puts down in its entry what that costs. */
export type Handle = (request: IncomingMessage, response: ServerResponse, entry: RangeRequest) => Promise<void>;

/** @param options.around put between the server and its answers, to delay or replace them */
export async function serveRanges(
  folder: string,
  options: { readonly around?: (handle: Handle) => Handle } = {},
): Promise<RangeServer> {
  const served: Folder = { root: await realpath(folder), etags: new Map() };
  const answerFile: Handle = (request, response, entry) => answer(served, request, response, entry);
  const handle = options.around?.(answerFile) ?? answerFile;
  const requests: RangeRequest[] = [];
  const server = createServer((request, response) => {
    const { method = '', url = '' } = request;
    const entry = { method, url, range: request.headers.range, bytes: 0 };
    requests.push(entry);
    handle(request, response, entry).catch(() => fail(response));
  });
  server.keepAliveTimeout = 60_000;
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a server on TCP has a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    async close() {
      const closed = once(server.close(), 'close');
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A client that goes away in the middle ends here too. */
function fail(response: ServerResponse): void {
  if (response.headersSent) response.destroy();
  else end(response, 500);
}

type Folder = { readonly root: string; readonly etags: Map<string, Promise<string>> };

async function answer({ root, etags }: Folder, ...[request, response, entry]: Parameters<Handle>): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405, { allow: 'GET, HEAD' });
  const file = await openInside(root, request.url ?? '');
  if (file === undefined) return end(response, 404);
  try {
    await send(file, etags, request, response, entry);
  } finally {
    await file.handle.close();
  }
}

type OpenFile = { readonly handle: FileHandle; readonly path: string };

/** Nothing outside the root, whether by `..` or by a link; that it exists is not told either. */
async function openInside(root: string, url: string): Promise<OpenFile | undefined> {
  try {
    const name = decodeURIComponent(new URL(url, 'http://loopback').pathname);
    const path = await realpath(join(root, name));
    if (!path.startsWith(root + sep)) return undefined;
    const handle = await open(path);
    if ((await handle.stat()).isFile()) return { handle, path };
    await handle.close();
  } catch {
    // not there, not readable or no path at all
  }
  return undefined;
}

/** The content's hash, which is the same wherever a file lies and whenever it was written; taken once for each writing. */
async function etagOf({ handle, path }: OpenFile, etags: Map<string, Promise<string>>): Promise<string> {
  const { size, mtimeNs, ino } = await handle.stat({ bigint: true });
  const writing = [path, ino, size, mtimeNs].join(' ');
  const etag =
    etags.get(writing) ??
    readFile(path).then((bytes) => `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"`);
  etags.set(writing, etag);
  return etag;
}

async function send(
  opened: OpenFile,
  etags: Map<string, Promise<string>>,
  ...[request, response, entry]: Parameters<Handle>
): Promise<void> {
  const { handle, path } = opened;
  const { size, mtime } = await handle.stat();
  const file = { size, etag: await etagOf(opened, etags), modified: mtime };
  const { status, headers, body } = answerRange(request.headers, file);
  response.writeHead(status, { ...headers, 'content-type': TYPES[extname(path).toLowerCase()] ?? BYTES });
  if (request.method === 'HEAD' || body === undefined || body.length === 0) {
    response.end();
    return;
  }
  const { start, length } = body;
  entry.bytes = length;
  await pipeline(handle.createReadStream({ start, end: start + length - 1, autoClose: false }), response);
}

const BYTES = 'application/octet-stream';
const TYPES: Readonly<Record<string, string>> = {
  '.tif': 'image/tiff',
  '.tiff': 'image/tiff',
  '.json': 'application/json',
};

function end(response: ServerResponse, status: number, headers: OutgoingHttpHeaders = {}): void {
  response.writeHead(status, { 'content-length': 0, ...headers }).end();
}
