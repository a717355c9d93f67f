/**
 * What `npm test` runs: set-up, typecheck, lint and format, then the tests. With CI=true all parts are set up first and
 * no test may be left out, except those named `gpu`; else it uses the parts that are here and names at the end the tests
 * that it left out, with the script that brings the part. CI runs the fast part on the other versions of Node.js as
 * well. Arguments go to vitest, which then runs alone.
 */
import { spawnSync } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runVitest } from './run-vitest.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const ci = ['true', '1'].includes(process.env.CI ?? '');
const wanted = process.argv.slice(2);

/** Tests that need a part say so: `needs kafka` stands in their name. */
const scripts = {
  tensorflow: 'ops/setup/tensorflow.sh',
  kafka: 'ops/setup/kafka.sh',
  gdal: 'ops/setup/gdal.sh',
  promtool: 'ops/setup/prometheus.sh',
  nodes: 'ops/setup/nodes.sh',
  webgpu: 'ops/setup/webgpu.sh',
  faketime: 'ops/setup/faketime.sh',
  turbojpeg: 'ops/setup/turbojpeg.sh',
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
  const { ok, passed, failed, skipped } = runVitest(wanted, { root });
  if (!ok && failed === 0) process.stderr.write('npm test: vitest failed\n');
  const onOthers =
    !ci || wanted.length > 0 || step('nodes', process.execPath, ['ops/setup/test-nodes.mjs', '--others']);
  const leftOut = wanted.length === 0 ? reportLeftOut(skipped) : 0;
  process.stdout.write(
    `\n${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}\n`,
  );
  return ok && onOthers && !(ci && leftOut > 0) ? 0 : 1;
}

function step(name, command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status === 0) return true;
  process.stderr.write(`npm test: ${name} failed${error ? ` (${error.message})` : ''}\n`);
  return false;
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
