import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** A checkout whose set-up is done, and a cache with three programs in the place of Node.js that say who they are. */
let project: string;
const own = `${process.versions.node.split('.')[0]}.0.0`;

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'saccade-test-nodes-'));
  for (const file of ['test-nodes.mjs', 'run-vitest.mjs'])
    await cp(`ops/setup/${file}`, join(project, 'ops/setup', file));
  await script('ops/setup/nodes.sh', 'exit 0');
  await write('ops/setup/nodes.txt', `# version, sum\n90.1.0 aa\n91.2.3 bb\n${own} cc\n`);
  await write('ops/setup/nodes-oldest.txt', '90.1.0 aa\n');
  for (const version of ['90.1.0', '91.2.3', own]) await script(`cache/node-${version}/bin/node`, `echo ${version}`);
  await vitest('cp passed.json "$report"');
  await write('passed.json', report([{ status: 'passed', fullName: 'passes' }]));
});

afterEach(() => rm(project, { recursive: true }));

describe('npm run test:nodes', () => {
  it('tells of each version in a line', async () => {
    const { code, stdout } = await testNodes();
    const line = (version: string) => `Node.js ${version}: 1 passed, 0 failed (N s)\n`;
    expect([code, stdout]).toEqual([0, line('90.1.0') + line('91.2.3') + line(own)]);
  });

  it('runs all that the tests start by name on that version', async () => {
    await vitest('[ $(node) = 91.2.3 ] && cp passed.json "$report"');
    expect((await testNodes()).stdout).toMatch(/^Node.js 90.1.0: 0 passed.*\nNode.js 91.2.3: 1 passed/);
  });

  it('leaves out the line that runs it where it is told so, and takes the oldest versions', async () => {
    expect((await testNodes('--others')).stdout).not.toContain(own);
    expect((await testNodes('--oldest')).stdout).toMatch(/^Node.js 90.1.0: 1 passed, 0 failed \(N s\)\n$/);
  });

  it('fails if one version fails, with its output', async () => {
    await write('failed.json', report([{ status: 'failed', fullName: 'fails' }]));
    await vitest(
      'cp passed.json "$report"; [ $(node) = 90.1.0 ] && cp failed.json "$report" && echo why && exit 1; exit 0',
    );
    const { code, stdout, stderr } = await testNodes();
    expect(code).toBe(1);
    expect(stdout).toMatch(/^Node.js 90.1.0: 0 passed, 1 failed \(N s\)\nNode.js 91.2.3: 1 passed, 0 failed/);
    expect(stderr.match(/why/g)).toHaveLength(1);
  });

  it('fails if no test ran, or if Saccade refuses the version', async () => {
    await vitest('exit 0');
    expect(await testNodes()).toMatchObject({ code: 1, stdout: expect.stringMatching(/^Node.js 90.1.0: 0 passed/) });
    await vitest('cp passed.json "$report"');
    await script('cache/node-91.2.3/bin/node', 'echo saccade: too old >&2; exit 1');
    const { code, stdout } = await testNodes();
    expect([code, stdout]).toEqual([1, expect.stringContaining('91.2.3: set-up failed: saccade: too old (N s)\n')]);
  });

  it('lets tests be left out but on CI, where only those named gpu may be', async () => {
    const skipped = (fullName: string) => ({ status: 'skipped', fullName });
    const passed = { status: 'passed', fullName: 'passes' };
    await write('passed.json', report([passed, skipped('computes on a gpu')]));
    expect((await testNodes()).stdout).toContain('1 passed, 0 failed, 1 skipped');
    expect((await testNodes('CI')).code).toBe(0);
    await write('passed.json', report([passed, skipped('trains, needs tensorflow')]));
    expect((await testNodes()).code).toBe(0);
    expect(await testNodes('CI')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('trains, needs tensorflow'),
    });
  });
});

const report = (assertionResults: object[]) =>
  JSON.stringify({ testResults: [{ status: 'passed', assertionResults }] });

/** @param text of a shell script; `$report` is the file that it shall write */
const vitest = (text: string) =>
  script('node_modules/.bin/vitest', `report=$(echo "$*" | sed 's/.*--outputFile.json=\\([^ ]*\\).*/\\1/')\n${text}`);

const script = async (path: string, text: string) => {
  await write(path, `#!/bin/sh\n${text}\n`);
  await chmod(join(project, path), 0o755);
};

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(project, path)), { recursive: true });
  await writeFile(join(project, path), text);
}

/** @returns the seconds of each line as N */
function testNodes(option?: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const { CI: _, ...rest } = process.env;
  const path = ['/usr/bin', '/bin'].join(delimiter);
  const env = { ...rest, PATH: path, SACCADE_CACHE: join(project, 'cache'), ...(option === 'CI' && { CI: 'true' }) };
  const args = [join(project, 'ops/setup/test-nodes.mjs'), option ?? ''];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env }, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code);
      resolve({ code, stdout: stdout.replace(/\(\d+ s\)/g, '(N s)'), stderr });
    });
  });
}
