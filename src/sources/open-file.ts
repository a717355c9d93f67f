import { fileSource } from './bytes/file-source.ts';
import type { Cog } from './cog.ts';
import { FIRST_READ_BYTES, openCog } from './open-cog.ts';

/**
 * Open a local file, wherever it is: for paths that the user wrote, never for those that came in a message.
 * @throws {SceneError} `source.missing`, `source.forbidden`, `cog.invalid`, `cog.unsupported`
 */
export function openFile(path: string, signal: AbortSignal): Promise<Cog> {
  return openCog(fileSource(path, undefined), FIRST_READ_BYTES, signal);
}
