import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { makeFolder } from '../../src/training/make-folder.ts';

describe('makeFolder', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-folder-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('makes a folder with those above it, and takes one that is there', async () => {
    const deep = join(folder, 'a', 'b');
    await makeFolder(deep);
    await makeFolder(deep);
    expect((await stat(deep)).isDirectory()).toBe(true);
  });

  it('refuses what is a file, or lies below one, by its name', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    for (const path of [file, join(file, 'model')]) {
      const making = makeFolder(path);
      await expect(making).rejects.toThrow(UsageError);
      await expect(making).rejects.toMatchObject({ mistakes: [expect.stringContaining(`at ${path}: `)] });
    }
  });
});
