import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port that nobody listens to: an orphan there would answer in the place of our broker. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  await once(server.close(), 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}
