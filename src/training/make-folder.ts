import { access, constants, mkdir } from 'node:fs/promises';
import { UsageError } from '../errors.ts';

/**
 * Makes a folder for what will be written at the end of long work: that it cannot be is to be known at its beginning.
 * @throws {UsageError} when there is none and none can be made, or nothing can be written in it
 */
export async function makeFolder(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    await access(directory, constants.W_OK);
  } catch (error) {
    throw new UsageError([`no folder can be made at ${directory}: ${error instanceof Error ? error.message : error}`]);
  }
}
