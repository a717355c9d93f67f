import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** An installation without the optional package of native TensorFlow, as npm leaves it where it cannot be had. */
describe('a backend that is missing', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-bare-'));
    for (const part of ['dist', 'models', 'package.json']) await cp(part, join(folder, part), { recursive: true });
    await mkdir(join(folder, 'node_modules', '@tensorflow'), { recursive: true });
    const packages = await readdir('node_modules');
    const others = await readdir('node_modules/@tensorflow');
    const names = [
      ...packages.filter((name) => name !== '@tensorflow'),
      ...others.map((name) => `@tensorflow/${name}`),
    ];
    for (const name of names.filter((one) => one !== '@tensorflow/tfjs-node-gpu'))
      await symlink(resolve('node_modules', name), join(folder, 'node_modules', name));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is one clear line and exit code 2 where it was asked for', async () => {
    const ended = await new Promise<[unknown, string]>((done) => {
      const environment = { PATH: process.env['PATH'], SACCADE_BACKEND: 'tensorflow' };
      execFile(
        process.execPath,
        [join(folder, 'dist/main.js'), 'classify', 'a.tif'],
        { env: environment },
        (error, _, text) => done([error?.code, text]),
      );
    });
    expect(ended).toEqual([2, expect.stringMatching(/^saccade: backend tensorflow is not installed here .*\n$/)]);
  });
});
