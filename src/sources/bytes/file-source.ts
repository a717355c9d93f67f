import { constants, type Stats } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SceneError } from '../../errors.ts';
import type { ByteRange, ByteSource, Identity } from './byte-source.ts';

/**
 * Bytes of a local file.
 * @param roots links resolved, the file must lie in one of these folders; undefined for any file
 */
export function fileSource(path: string, roots: readonly string[] | undefined): ByteSource {
  const href = pathToFileURL(path).href;
  let identity: Identity | undefined;
  let inode: number | undefined;
  return {
    href,
    get identity() {
      return identity;
    },
    async read(range: ByteRange, signal: AbortSignal) {
      signal.throwIfAborted();
      const target = await resolveInside(path, roots, href);
      // Opening a pipe without a writer would wait for ever; a plain file does not care.
      const file = await open(target, constants.O_RDONLY | constants.O_NONBLOCK).catch(rethrow(href));
      try {
        const stats = await file.stat();
        const found = identify(stats, href);
        identity ??= found;
        inode ??= stats.ino;
        expectSame(identity, found, href);
        // The system's clock ticks too slowly to tell two writings in a row apart.
        if (inode !== stats.ino) throw new SceneError('source.changed', `${href} is another file than before`);
        return await readRange(file, { ...range, size: stats.size }, signal);
      } finally {
        await file.close();
      }
    },
  };
}

async function resolveInside(path: string, roots: readonly string[] | undefined, href: string): Promise<string> {
  const target = await realpath(path).catch(rethrow(href));
  if (roots === undefined) return target;
  for (const root of roots) {
    const folder = await realpath(root).catch(() => undefined); // not mounted: nothing lies in it
    if (folder === undefined) continue;
    const inside = relative(folder, target);
    if (inside !== '..' && !inside.startsWith(`..${sep}`)) return target;
  }
  throw new SceneError('source.refused', `${href} is not in a folder that files may be read from`);
}

async function readRange(
  file: Awaited<ReturnType<typeof open>>,
  { offset, length, size }: ByteRange & { readonly size: number },
  signal: AbortSignal,
): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(Math.max(0, Math.min(length, size - offset)));
  let at = 0;
  while (at < bytes.length) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(bytes, at, bytes.length - at, offset + at);
    if (bytesRead === 0) return bytes.subarray(0, at);
    at += bytesRead;
  }
  return bytes;
}

function identify(stats: Stats, href: string): Identity {
  if (!stats.isFile()) throw new SceneError('source.refused', `${href} is not a file`);
  return { etag: null, lastModified: stats.mtime.toISOString(), size: stats.size };
}

function expectSame(before: Identity, now: Identity, href: string): void {
  if (before.size === now.size && before.lastModified === now.lastModified) return;
  const [was, is] = [before, now].map(({ size, lastModified }) => `${size} bytes of ${lastModified}`);
  throw new SceneError('source.changed', `${href} was ${was}, is ${is}`);
}

/** Some names are of no file and never will be: longer than the system's, or links that lead to each other. */
const NOWHERE = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP'];

function rethrow(href: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    const { code = '' } = error;
    if (NOWHERE.includes(code)) {
      throw new SceneError('source.missing', `${href} does not exist`, { cause: error });
    }
    if (code === 'EACCES' || code === 'EPERM') {
      throw new SceneError('source.forbidden', `${href} may not be read`, { cause: error });
    }
    // Node takes no path with a zero in it, since the system would read it up to there.
    if (code === 'ERR_INVALID_ARG_VALUE') {
      throw new SceneError('source.refused', `${href} is not the path of a file`, { cause: error });
    }
    throw new SceneError('source.unreachable', `${href}: ${error.message}`, { cause: error });
  };
}
