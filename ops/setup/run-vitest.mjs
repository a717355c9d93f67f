import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Runs vitest in the folder given and counts its tests. A file that fails outside its tests counts as one failure.
 *
 * @param {string[]} args more arguments of vitest
 * @param {{ root: string, env?: NodeJS.ProcessEnv, quiet?: boolean }} options quiet: its output comes back, unprinted
 * @returns {{ ok: boolean, passed: number, failed: number, skipped: string[], output: string }} `ok` needs vitest itself
 * to have ended well, not its tests alone; `skipped` holds names
 */
export function runVitest(args, { root, env = process.env, quiet = false }) {
  const folder = mkdtempSync(join(tmpdir(), 'saccade-test-'));
  try {
    const report = join(folder, 'report.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const stdio = quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'];
    const options = { cwd: root, env, stdio, encoding: 'utf8', maxBuffer: 1 << 28 };
    const { status, error, stdout, stderr } = spawnSync(
      'node_modules/.bin/vitest',
      ['run', ...reporters, ...args],
      options,
    );
    const count = tally(reportOf(report));
    const output = [stdout, stderr, error?.message].filter(Boolean).join('\n');
    return { ...count, ok: status === 0 && count.failed === 0, output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function reportOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { testResults: [] }; // vitest ended before it could report
  }
}

function tally({ testResults }) {
  const tests = testResults.flatMap((file) => file.assertionResults);
  const broken = testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    passed: tests.filter((test) => test.status === 'passed').length,
    failed: tests.filter((test) => test.status === 'failed').length + broken.length,
    skipped: tests.filter((test) => !['passed', 'failed'].includes(test.status)).map((test) => test.fullName),
  };
}
