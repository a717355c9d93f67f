import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below those that Linux gives to whoever connects: among them a client that looks for a broker which is down may take its
 * port, and, where that port is its own, even be answered by itself.
 */
const [FIRST, LAST] = [10_000, 32_767];
const TRIES = 100;

/** A port that nobody listens to: an orphan there would answer in the place of our broker. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1));
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port among ${TRIES} from ${FIRST} to ${LAST}`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch {
    return false;
  }
  await once(server.close(), 'close');
  return true;
}
