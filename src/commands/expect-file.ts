import { access, constants, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UsageError } from '../errors.ts';

/** @throws {UsageError} unless the path is a file that can be read */
export async function expectReadable(path: string): Promise<void> {
  await expectFile(path, path, constants.R_OK);
}

/**
 * Leaves the file as it is: opening it would empty it, or make it.
 * @throws {UsageError} unless the path is a file that can be written, or one that can be made
 */
export async function expectWritable(path: string): Promise<void> {
  const exists = await stat(path).catch(() => undefined);
  await expectFile(path, exists ? path : `${dirname(path)}/.`, constants.W_OK);
}

/**
 * Devices and pipes may be named twice, such as /dev/null.
 * @throws {UsageError} where two paths are one file: what is written to it would overwrite the other
 */
export async function expectApart(paths: readonly string[]): Promise<void> {
  const identities = await Promise.all(paths.map(identityOf));
  const again = paths.filter((_, n) => identities[n] !== undefined && identities.indexOf(identities[n]) < n);
  if (again.length > 0)
    throw new UsageError(again.map((path) => `${path} is named twice: each needs a file of its own`));
}

async function identityOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return resolve(path);
  return found.isFile() ? `${found.dev}:${found.ino}` : undefined;
}

async function expectFile(path: string, entry: string, mode: number): Promise<void> {
  try {
    await access(entry, mode);
  } catch (error) {
    throw new UsageError([`cannot open ${path}: ${error instanceof Error ? error.message : String(error)}`]);
  }
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) throw new UsageError([`cannot open ${path}: it is a directory`]);
}
