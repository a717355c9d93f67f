/**
 * What `npm test` runs: set-up, typecheck, lint and format, then the tests. With CI=true all parts are set up first and
 * no test may be left out, except those named `gpu`; else it uses the parts that are here and names at the end the tests
 * that it left out, with the script that brings the part. Arguments go to vitest, which then runs alone.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const ci = ['true', '1'].includes(process.env.CI ?? '');
const wanted = process.argv.slice(2);

/** Tests that need a part say so: `needs kafka` stands in their name. */
const scripts = {
  tensorflow: 'ops/setup/tensorflow.sh',
  kafka: 'ops/setup/kafka.sh',
  gdal: 'ops/setup/gdal.sh',
  promtool: 'ops/setup/prometheus.sh',
};

process.exitCode = main();

function main() {
  if (!step('set-up', process.execPath, ['ops/setup/prepare.mjs'])) return 1;
  if (ci && !Object.values(scripts).every((script) => step(script, script, []))) return 1;
  if (
    wanted.length === 0 &&
    !(step('typecheck', 'npm', ['run', '-s', 'typecheck']) && step('lint', 'npm', ['run', '-s', 'lint']))
  ) {
    return 1;
  }
  const { passed, result } = runTests();
  const count = tally(result);
  const leftOut = wanted.length === 0 ? reportLeftOut(count.skipped) : 0;
  const skipped = count.skipped.length > 0 ? `, ${count.skipped.length} skipped` : '';
  process.stdout.write(`\n${count.passed} passed, ${count.failed} failed${skipped}\n`);
  return passed && count.failed === 0 && !(ci && leftOut > 0) ? 0 : 1;
}

function step(name, command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status === 0) return true;
  process.stderr.write(`npm test: ${name} failed${error ? ` (${error.message})` : ''}\n`);
  return false;
}

function runTests() {
  const folder = mkdtempSync(join(tmpdir(), 'saccade-test-'));
  try {
    const report = join(folder, 'report.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const passed = step('vitest', 'node_modules/.bin/vitest', ['run', ...reporters, ...wanted]);
    return { passed, result: JSON.parse(readFileSync(report, 'utf8')) };
  } catch {
    return { passed: false, result: { testResults: [] } }; // vitest ended before it could report
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A file that fails outside its tests counts as one failure. */
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

/** @returns how many tests were left out that may not be on CI */
function reportLeftOut(names) {
  const missed = names.filter((name) => !name.includes('gpu'));
  if (missed.length > 0) process.stdout.write('\nleft out:\n');
  for (const name of missed) {
    const part = Object.keys(scripts).find((part) => name.includes(`needs ${part}`));
    const remedy = name.includes('needs shared data') ? 'set SACCADE_TEST_DATA' : part && `run ${scripts[part]}`;
    process.stdout.write(`  ${name}${remedy ? ` (${remedy})` : ''}\n`);
  }
  return missed.length;
}
