/**
 * A store far away, in a process of its own: it serves one file by ranges and keeps account. It adds a pause to each
 * request, and lets the first of a connection wait until that is as old as its handshakes would have made it. Told by
 * messages of its parent, which it answers each with its account since the last one.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerRange } from '../../src/commands/answer-range.ts';
import { depthOf } from './depth-of.ts';

export type Pauses = {
  readonly requestMs: number;
  /** Of the handshakes of a connection. */
  readonly connectionMs: number;
  /** Close what is open, so that the next reader has to connect. */
  readonly disconnect: boolean;
};

export type Account = {
  readonly requests: number;
  readonly bytes: number;
  readonly connections: number;
  /** The longest chain of requests of which none overlaps in time with the one before. */
  readonly depth: number;
};

const [path = ''] = process.argv.slice(2);
const content = readFileSync(path);
const file = { size: content.length, etag: '"1"', modified: new Date(0) };
let pauses: Pauses = { requestMs: 0, connectionMs: 0, disconnect: true };
let spans: { start: number; end: number; bytes: number }[] = [];
/** When each connection that was not asked for anything yet was accepted, in ms. */
let fresh = new WeakMap<Socket, number>();
let used = new Set<Socket>();

const server = createServer(async (request, response) => {
  const span = { start: performance.now(), end: Number.POSITIVE_INFINITY, bytes: 0 };
  spans.push(span);
  used.add(request.socket);
  const accepted = fresh.get(request.socket);
  const handshakes = accepted === undefined ? 0 : Math.max(0, accepted + pauses.connectionMs - performance.now());
  fresh.delete(request.socket);
  await sleep(pauses.requestMs + handshakes);
  const { status, headers, body } = answerRange(request.headers, file);
  const bytes = request.method === 'HEAD' || !body ? undefined : content.subarray(body.start, body.start + body.length);
  span.bytes = bytes?.length ?? 0;
  // Told before the last byte leaves: whoever has it may ask again before this process notices.
  span.end = performance.now();
  response.writeHead(status, { ...headers, 'content-type': 'image/tiff' }).end(bytes);
});
server.keepAliveTimeout = 60_000;
server.on('connection', (socket) => fresh.set(socket, performance.now()));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : '');
});

process.on('message', (wanted: Pauses) => {
  const bytes = spans.reduce((sum, span) => sum + span.bytes, 0);
  const account: Account = { requests: spans.length, bytes, connections: used.size, depth: depthOf(spans) };
  pauses = wanted;
  [spans, used] = [[], new Set()];
  if (wanted.disconnect) {
    fresh = new WeakMap();
    server.closeAllConnections();
  }
  process.send?.(account);
});
