import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-dataset-'));
});

afterEach(() => rm(folder, { recursive: true }));

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** The program as it is installed; `interrupt` asks for a SIGINT once `true`. */
function saccade(args: readonly string[], interrupt?: () => Promise<boolean>): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ['dist/main.js', ...args], (error, stdout, stderr) => {
      clearInterval(watch);
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
    const watch = setInterval(async () => {
      if ((await interrupt?.()) === true && child.exitCode === null) {
        clearInterval(watch);
        child.kill('SIGINT');
      }
    }, 50);
  });
}

describe('saccade dataset harbour', () => {
  it('makes a data set and sums it up as one JSON document', async () => {
    const args = ['--out', folder, '--scenes', '2', '--size', '512', '--seed', '3', '--json'];
    const { code, stdout } = await saccade(['dataset', 'harbour', ...args]);
    expect(code).toBe(0);
    const summary = JSON.parse(stdout);
    expect(summary).toMatchObject({ directory: folder, complete: true, scenes: 2, made: 2 });
    expect(summary.bytes).toBeGreaterThan(50_000);
    expect((await readdir(folder)).sort()).toEqual([
      'dataset.json',
      'labels.jsonl',
      'scene-00000.tif',
      'scene-00001.tif',
    ]);
  });

  it('says what it keeps when it is interrupted', async () => {
    const begun = async () => (await readdir(folder)).includes('scene-00000.tif');
    const args = ['--out', folder, '--scenes', '500', '--size', '1024'];
    const { code, stdout, stderr } = await saccade(['dataset', 'harbour', ...args], begun);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/stopped: [1-9]\d* of 500 scenes are kept in .*; the same command goes on from there/);
    expect((await readdir(folder)).every((file) => /^(dataset\.json|scene-\d{5}\.tif)$/.test(file))).toBe(true);
  });

  it.each([
    ['a size that is too small', ['--scenes', '4', '--size', '1024,100'], /whole number from 512 to 131072/],
    ['no scenes', ['--scenes', '0', '--size', '512'], /whole number of at least 1/],
    ['no size', ['--scenes', '4'], /required option '--size/],
  ])('refuses %s', async (_name, args, message) => {
    const { code, stderr } = await saccade(['dataset', 'harbour', '--out', folder, ...args]);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  it('refuses a folder that is none', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    const { code, stderr } = await saccade(['dataset', 'harbour', '--out', file, '--scenes', '4', '--size', '512']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/no folder can be made at/);
  });
});
