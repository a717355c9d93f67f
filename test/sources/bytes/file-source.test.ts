import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileSource } from '../../../src/sources/bytes/file-source.ts';

const { signal } = new AbortController();

describe('fileSource', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-files-'));
    await symlink('there.tif', join(folder, 'back.tif'));
    await symlink('back.tif', join(folder, 'there.tif'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each([
    ['a name that nothing has', 'none.tif', 'source.missing'],
    ['a name under a file', '/dev/null/a.tif', 'source.missing'],
    ['a name that is too long for any file', 'a'.repeat(300), 'source.missing'],
    ['links that lead to each other', 'there.tif', 'source.missing'],
    ['a name with a zero in it', 'a\0.tif', 'source.refused'],
    ['a folder', '.', 'source.refused'],
  ])('calls %s what it is, and nothing to be tried again', async (_, name, code) => {
    const path = name.startsWith('/') ? name : join(folder, name);
    for (const roots of [undefined, [folder, '/dev']]) {
      const reading = fileSource(path, roots).read({ offset: 0, length: 10 }, signal);
      await expect(reading).rejects.toMatchObject({ code });
    }
  });
});
