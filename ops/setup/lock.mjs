import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Lets one process at a time work in a folder. The lock is a listening socket, which the system takes away when its
 * process ends, however it ends: no lock outlives its holder. Those who wait are connected to it and so wake at once.
 *
 * @param {string} folder what is locked, as an absolute path
 * @param {() => void} waiting called once if another process holds the lock
 * @returns {Promise<() => void>} gives the lock back
 */
export async function lock(folder, waiting) {
  const path = socketPath(folder);
  for (let told = false; ; told = true) {
    const release = await listen(path);
    if (release) return release;
    if (!told) waiting();
    await closed(path);
  }
}

function socketPath(folder) {
  const name = `saccade-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`;
  // Linux has names outside the file system; elsewhere the socket is a file.
  return process.platform === 'linux' ? `\0${name}` : join(tmpdir(), name);
}

function listen(path) {
  return new Promise((resolve, reject) => {
    const waiters = new Set();
    const server = createServer((socket) => waiters.add(socket.on('error', () => {}).unref())).unref();
    const release = () => {
      server.close();
      for (const socket of waiters) socket.destroy();
    };
    server.on('error', (error) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen(path, () => resolve(release));
  });
}

/** Resolves when the holder has gone. */
function closed(path) {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on('error', (error) => {
      // A socket file that nobody listens to was left by a process that was killed.
      if (error.code === 'ECONNREFUSED' && !path.startsWith('\0')) rmSync(path, { force: true });
    });
    socket.on('close', (failed) => setTimeout(resolve, failed ? 100 : 0));
    socket.resume();
  });
}
