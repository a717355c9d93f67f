import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** A checkout of nothing but what prepare.mjs looks at; its build notes each run of itself. */
let project: string;

const build = "const { appendFileSync, mkdirSync } = require('fs'); mkdirSync('dist', { recursive: true });";

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'saccade-prepare-'));
  await cp('ops/setup', join(project, 'ops/setup'), { recursive: true });
  for (const folder of ['src', 'part']) await mkdir(join(project, folder));
  await write('src/main.ts', 'one');
  for (const name of ['tsconfig.json', 'tsconfig.build.json']) await write(name, '{}');
  await write('build.cjs', `${build} appendFileSync('builds', 'x');`);
  await writePackage();
});

afterEach(() => rm(project, { recursive: true }));

describe('prepare.mjs', () => {
  it('installs and builds what is missing, and does nothing the second time', async () => {
    const first = await prepare();
    expect(first).toEqual({
      code: 0,
      stderr: 'saccade: installing the npm packages (a minute or two)\nsaccade: building\n',
      stdout: '',
    });
    expect(await prepare()).toEqual({ code: 0, stderr: '', stdout: '' });
    expect(await read('builds')).toBe('x');
  });

  it('builds again after a change, and after a build that did not end well', async () => {
    await prepare();
    await write('src/main.ts', 'two');
    await write('build.cjs', `${build} console.log('main.ts: wrong'); process.exit(1);`);
    const failed = await prepare();
    expect(failed).toMatchObject({ code: 1, stdout: '' });
    expect(failed.stderr).toContain('saccade: npm run build failed:\nmain.ts: wrong\n');
    await write('build.cjs', `${build} appendFileSync('builds', 'y');`);
    expect((await prepare()).code).toBe(0);
    expect(await read('builds')).toBe('xy');
  });

  it('lets one work while the other waits', async () => {
    const both = await Promise.all([prepare(), prepare()]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(await read('builds')).toBe('x');
  });

  it('accepts what the user installed, and installs again when the lock has changed', async () => {
    await promisify(execFile)('npm', ['install', '--no-audit', '--no-fund'], { cwd: project });
    expect((await prepare()).stderr).toBe('saccade: building\n');
    await writePackage({ version: '2.0.0' });
    expect((await prepare()).stderr).toContain('installing');
    expect((await prepare()).stderr).toBe('');
  });

  it('says in one line which Node it needs', async () => {
    await writePackage({ node: '^18.1.0 || >=99.0.0' });
    const { code, stderr } = await prepare();
    expect(code).toBe(1);
    expect(stderr).toBe(`saccade: this is Node ${process.versions.node}, and Saccade needs ^18.1.0 || >=99.0.0\n`);
  });

  it('says in one line why npm could not install', async () => {
    await writePackage({ from: 'absent.tgz' });
    const { code, stderr } = await prepare();
    expect(code).toBe(1);
    expect(stderr.trim().split('\n').at(-1)).toMatch(/^saccade: npm ci --ignore-scripts failed: .*ENOENT/);
  });
});

/** A project with one dependency, which is a folder of its own, so that npm needs no registry. */
async function writePackage({ node = '>=20.0.0', version = '1.0.0', from = 'part' } = {}): Promise<void> {
  const made = { name: 'made-up', version: '1.0.0', engines: { node }, dependencies: { part: `file:${from}` } };
  const installed =
    from === 'part' ? { resolved: from, link: true } : { version: `file:${from}`, resolved: `file:${from}` };
  const packages = { '': made, part: { version }, 'node_modules/part': installed };
  await write('part/package.json', JSON.stringify({ name: 'part', version }));
  await write('package.json', JSON.stringify({ ...made, scripts: { build: 'node build.cjs' } }));
  await write('package-lock.json', JSON.stringify({ name: made.name, lockfileVersion: 3, packages }));
}

function prepare(): Promise<{ code: number; stdout: string; stderr: string }> {
  const script = join(project, 'ops/setup/prepare.mjs');
  return new Promise((resolve) => {
    execFile(process.execPath, [script], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}

const write = (path: string, text: string) => writeFile(join(project, path), text);
const read = (path: string) => readFile(join(project, path), 'utf8');
