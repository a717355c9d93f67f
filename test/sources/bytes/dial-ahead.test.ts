import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DialAhead, dialAhead } from '../../../src/sources/bytes/dial-ahead.ts';

describe('dialAhead', () => {
  let server: Server;
  let options: Parameters<DialAhead['connect']>[0];
  const accepted: Socket[] = [];
  let dials = 0;

  beforeEach(async () => {
    dials = 0;
    accepted.length = 0;
    server = createServer((socket) => accepted.push(socket.on('error', () => undefined)));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as { port: number };
    options = { hostname: '127.0.0.1', protocol: 'http:', port: String(port) };
  });
  afterEach(async () => {
    for (const socket of accepted) socket.destroy();
    server.close();
  });

  const dial: DialAhead['connect'] = ({ hostname, port }, callback) => {
    dials += 1;
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => callback(null, socket)).once('error', (error) => callback(error, null));
  };
  const taken = (dialler: DialAhead) =>
    new Promise<Socket>((resolve, reject) =>
      dialler.connect(options, (error, socket) => (error ? reject(error) : resolve(socket as Socket))),
    );

  it('opens some more with the first connection, and gives those before it opens others', async () => {
    const dialler = dialAhead(dial, { ahead: 2, maxConnections: 16 });
    const first = [await taken(dialler), await taken(dialler), await taken(dialler)];
    expect(dials).toBe(3);
    expect(new Set(first).size).toBe(3);
    await taken(dialler);
    expect(dials).toBe(4);
  });

  it('opens no more at a time than it may', async () => {
    const dialler = dialAhead(dial, { ahead: 9, maxConnections: 3 });
    await Promise.all([taken(dialler), taken(dialler), taken(dialler)]);
    expect(dials).toBe(3);
  });

  it('gives none that the server has closed since', async () => {
    const dialler = dialAhead(dial, { ahead: 1, maxConnections: 16 });
    const first = await taken(dialler);
    while (accepted.length < 2) await sleep(1);
    for (const socket of accepted) if (socket.remotePort !== first.localPort) socket.destroy();
    await sleep(20);
    expect((await taken(dialler)).destroyed).toBe(false);
    expect(dials).toBe(3);
  });

  it('opens some more again once all are closed', async () => {
    const dialler = dialAhead(dial, { ahead: 1, maxConnections: 16 });
    for (const socket of [await taken(dialler), await taken(dialler)]) {
      socket.destroy();
      await once(socket, 'close');
    }
    await taken(dialler);
    expect(dials).toBe(4);
  });

  it('passes on why a connection failed, and tries a host that is down one at a time', async () => {
    let tried = 0;
    const failing: DialAhead['connect'] = (_, callback) => {
      tried += 1;
      setTimeout(() => callback(new Error('no'), null), 1);
    };
    const dialler = dialAhead(failing, { ahead: 5, maxConnections: 16 });
    await expect(taken(dialler)).rejects.toThrow('no');
    await sleep(20);
    expect(tried).toBe(6);
    for (let again = 1; again <= 3; again += 1) {
      await expect(taken(dialler)).rejects.toThrow('no');
      expect(tried).toBe(6 + again);
    }
  });

  it('remembers of the last 1024 hosts that were down, and of no others', async () => {
    const tried: string[] = [];
    const failing: DialAhead['connect'] = ({ hostname }, callback) => {
      tried.push(hostname);
      queueMicrotask(() => callback(new Error('no'), null));
    };
    const dialler = dialAhead(failing, { ahead: 1, maxConnections: 16 });
    const triesOf = async (hostname: string) => {
      tried.length = 0;
      await new Promise<void>((resolve) => dialler.connect({ ...options, hostname }, () => resolve()));
      return tried.length;
    };
    for (let n = 0; n <= 1024; n += 1) expect(await triesOf(`host-${n}.invalid`)).toBe(2);
    expect(await triesOf('host-1.invalid')).toBe(1);
    expect(await triesOf('host-0.invalid')).toBe(2);
  });

  it('closes what nobody asked for', async () => {
    const dialler = dialAhead(dial, { ahead: 2, maxConnections: 16 });
    const first = await taken(dialler);
    while (accepted.length < 3) await sleep(1);
    dialler.close();
    const spares = accepted.filter((socket) => socket.remotePort !== first.localPort);
    await Promise.all(spares.map((socket) => (socket.destroyed ? undefined : once(socket.resume(), 'close'))));
    expect(first.destroyed).toBe(false);
  });
});
