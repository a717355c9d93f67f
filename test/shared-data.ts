import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * Real scenes that are too big for the repository: `SACCADE_TEST_DATA`, else the folder beside the checkout. Tests that
 * read them say so in their name, `needs shared data`, and are skipped where `parts.sharedData` is false.
 */
const folder = resolve(process.env['SACCADE_TEST_DATA'] ?? '../shared/data');

/** The absolute path of a file or folder of the shared data, such as `samples/titiler_TCI.tif`. */
export function sharedData(path: string): string {
  return join(folder, path);
}

export function hasSharedData(): boolean {
  return existsSync(folder);
}
