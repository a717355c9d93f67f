import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** A checkout that needs no set-up, whose set-up scripts and vitest say what the test wants. */
let project: string;

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'saccade-test-command-'));
  await mkdir(join(project, 'ops/setup'), { recursive: true });
  for (const file of ['test.mjs', 'run-vitest.mjs']) await cp(`ops/setup/${file}`, join(project, 'ops/setup', file));
  await writeFile(join(project, 'ops/setup/prepare.mjs'), '');
  await writeFile(join(project, 'package.json'), JSON.stringify({ scripts: { typecheck: 'true', lint: 'true' } }));
  for (const part of ['tensorflow', 'kafka', 'gdal', 'prometheus', 'nodes', 'webgpu', 'faketime', 'turbojpeg'])
    await script(`ops/setup/${part}.sh`, 'exit 0');
  await otherNodes(0);
});

afterEach(() => rm(project, { recursive: true }));

describe('npm test', () => {
  it('ends in the count of the tests', async () => {
    await vitest([{ passed: 2 }, { passed: 1 }]);
    expect(await npmTest()).toMatchObject({ code: 0, last: '3 passed, 0 failed' });
  });

  it('fails with its tests, and counts a file that does not load as one', async () => {
    await vitest([{ passed: 2, failed: 1 }, {}], 1);
    expect(await npmTest()).toMatchObject({ code: 1, last: '2 passed, 2 failed' });
  });

  it('fails if vitest fails with no test to blame', async () => {
    await vitest([{ passed: 2 }], 1);
    expect(await npmTest()).toMatchObject({ code: 1, last: '2 passed, 0 failed' });
    await script('node_modules/.bin/vitest', 'exit 1');
    expect((await npmTest()).code).toBe(1);
  });

  it('names what it left out with the script that brings it, and lets it pass', async () => {
    await vitest([{ passed: 2, skipped: ['run, needs kafka settles', 'train on a gpu is quick'] }]);
    const { code, last, stdout } = await npmTest();
    expect([code, last]).toEqual([0, '2 passed, 0 failed, 2 skipped']);
    expect(stdout).toContain('left out:\n  run, needs kafka settles (run ops/setup/kafka.sh)\n\n');
  });

  it('leaves out nothing on CI but what is named gpu', async () => {
    await vitest([{ passed: 2, skipped: ['train on a gpu is quick'] }]);
    expect((await npmTest({ CI: 'true' })).code).toBe(0);
    await vitest([{ passed: 2, skipped: ['run, needs kafka settles'] }]);
    expect((await npmTest({ CI: 'true' })).code).toBe(1);
  });

  it('fails on CI if a part cannot be set up', async () => {
    await vitest([{ passed: 2 }]);
    await script('ops/setup/gdal.sh', 'exit 1');
    expect((await npmTest({ CI: 'true' })).code).toBe(1);
    expect((await npmTest()).code).toBe(0);
  });

  it('takes the other versions of Node.js in on CI, and fails with them', async () => {
    await vitest([{ passed: 2 }]);
    expect((await npmTest({ CI: 'true' })).stdout).toContain('--others\n');
    await otherNodes(1);
    expect(await npmTest({ CI: 'true' })).toMatchObject({ code: 1, last: '2 passed, 0 failed' });
    expect((await npmTest()).code).toBe(0);
  });
});

/** How the fast part ends on the other versions of Node.js; it says which it was asked for. */
const otherNodes = (code: number) =>
  writeFile(
    join(project, 'ops/setup/test-nodes.mjs'),
    `console.log(process.argv.slice(2).join()); process.exitCode = ${code};`,
  );

type Outcome = { readonly passed?: number; readonly failed?: number; readonly skipped?: readonly string[] };

/** A vitest that reports these files and ends with this code; a file with no test at all did not load. */
async function vitest(files: readonly Outcome[], code = 0): Promise<void> {
  const testResults = files.map(({ passed = 0, failed = 0, skipped = [] }) => ({
    status: failed > 0 || passed + skipped.length === 0 ? 'failed' : 'passed',
    assertionResults: [
      ...Array.from({ length: passed }, () => ({ status: 'passed', fullName: 'passes' })),
      ...Array.from({ length: failed }, () => ({ status: 'failed', fullName: 'fails' })),
      ...skipped.map((fullName) => ({ status: 'skipped', fullName })),
    ],
  }));
  await writeFile(join(project, 'report.json'), JSON.stringify({ testResults }));
  const file = String.raw`$(echo "$*" | sed 's/.*--outputFile.json=\([^ ]*\).*/\1/')`;
  await script('node_modules/.bin/vitest', `cp report.json "${file}"\nexit ${code}`);
}

async function script(path: string, text: string): Promise<void> {
  const file = join(project, path);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${text}\n`);
  await chmod(file, 0o755);
}

function npmTest(given: { CI?: string } = {}): Promise<{ code: number; last: string | undefined; stdout: string }> {
  const { CI: _, ...env } = process.env;
  const options = { env: { ...env, ...given } };
  return new Promise((resolve) => {
    execFile(process.execPath, [join(project, 'ops/setup/test.mjs')], options, (error, stdout) => {
      resolve({ code: error === null ? 0 : Number(error.code), last: stdout.trimEnd().split('\n').at(-1), stdout });
    });
  });
}
