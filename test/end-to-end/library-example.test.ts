import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RangeServer, serveRanges } from '../../src/commands/range-server.ts';
import { makeHarbour } from '../../src/training/harbour/make-harbour.ts';

describe('docs/library.md', () => {
  let folder: string;
  let server: RangeServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-example-'));
    await makeHarbour({ directory: folder, scenes: 1, sizes: [1024], seed: 3 });
    server = await serveRanges(folder);
    // As it is installed: the package by its name.
    await mkdir(join(folder, 'node_modules'));
    await symlink(resolve('.'), join(folder, 'node_modules', 'saccade'));
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  it('shows an example that runs', async () => {
    const [, example = ''] = /```js\n([\s\S]*?)```/.exec(await readFile('docs/library.md', 'utf8')) ?? [];
    const text = example.replace('https://scenes.example/harbour.tif', `${server.url}/scene-00000.tif`);
    expect(text).not.toBe(example);
    await writeFile(join(folder, 'example.mjs'), text);
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(folder, 'example.mjs')]);
    const bytes = server.requests.reduce((sum, request) => sum + request.bytes, 0);
    expect(stderr).toBe('');
    expect(stdout.trimEnd().split('\n')).toEqual([
      '1024 × 1024, 512 × 512, 256 × 256, 128 × 128, 64 × 64',
      'Uint8Array 64 64 3',
      '[ 12288, 12288 ]',
      expect.stringMatching(new RegExp(`^{ requests: ${server.requests.length}, bytes: ${bytes}, trips: [23] }$`)),
    ]);
  });
});
