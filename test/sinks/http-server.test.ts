import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HttpServer, httpServer } from '../../src/sinks/http-server.ts';

describe('httpServer', () => {
  let server: HttpServer;
  let reasons: string[];

  beforeEach(async () => {
    reasons = [];
    const metrics = { text: async () => 'a_total 1\n', contentType: 'text/plain; version=0.0.4' };
    server = await httpServer(
      { metrics, live: () => [], ready: () => reasons, started: () => [] },
      { port: 0, host: '127.0.0.1' },
    );
  });
  afterEach(() => server.close());

  const get = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${server.port}${path}`, { method });

  it('gives the metrics', async () => {
    const response = await get('/metrics');
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4']);
    expect(await response.text()).toBe('a_total 1\n');
  });

  it('is ready until there is a reason not to be, and tells it', async () => {
    expect((await get('/readyz')).status).toBe(200);
    reasons = ['the consumer group was not joined yet'];
    const response = await get('/readyz');
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ ok: false, reasons });
    expect((await get('/livez')).status).toBe(200);
  });

  it('answers nothing else', async () => {
    expect([(await get('/')).status, (await get('/metrics', 'POST')).status]).toEqual([404, 405]);
  });

  it('lives on after a path that is no address', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.end('GET // HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1.1 404/);
    expect((await get('/livez')).status).toBe(200);
  });

  it('fails when its port is taken', async () => {
    const metrics = { text: async () => '', contentType: '' };
    const second = httpServer(
      { metrics, live: () => [], ready: () => [], started: () => [] },
      { port: server.port, host: '127.0.0.1' },
    );
    await expect(second).rejects.toThrow('EADDRINUSE');
  });
});
