/**
 * What `npm run test:nodes` runs: the fast part of the suite (vitest.config.ts) on other versions of Node.js, one after
 * the other, with a line for each; it ends with 1 if one failed. With CI=true no test may be left out, but those named
 * `gpu`.
 *
 *   npm run test:nodes                on the newest of each line, those of nodes.txt
 *   npm run test:nodes -- --oldest    on the oldest that package.json allows, those of nodes-oldest.txt
 *   npm run test:nodes -- --others    without the line of the Node.js that runs this: for those who ran all tests on it
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runVitest } from './run-vitest.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const { CI, SACCADE_CACHE, XDG_CACHE_HOME } = process.env;
const ci = ['true', '1'].includes(CI ?? '');
const cache = SACCADE_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'saccade');
const [oldest, others] = ['--oldest', '--others'].map((option) => process.argv.includes(option));

process.exitCode = main();

function main() {
  const brought = spawnSync('ops/setup/nodes.sh', oldest ? ['--oldest'] : [], { cwd: root, stdio: 'inherit' });
  if (brought.status !== 0) return 1;
  const results = versions().map((version) => {
    const started = performance.now();
    const { ok, text } = testOn(version);
    const seconds = Math.round((performance.now() - started) / 1000);
    process.stdout.write(`Node.js ${version}: ${text} (${seconds} s)\n`);
    return ok;
  });
  return results.every(Boolean) ? 0 : 1;
}

function versions() {
  const pins = readFileSync(join(root, 'ops/setup', oldest ? 'nodes-oldest.txt' : 'nodes.txt'), 'utf8');
  const line = (version) => version.split('.')[0];
  return pins
    .split('\n')
    .filter((text) => /^\d/.test(text))
    .map((text) => text.split(' ')[0])
    .filter((version) => !(others && line(version) === line(process.versions.node)));
}

/** Everything started by name or by `#!/usr/bin/env node`, and every child of that, runs on this version. */
function testOn(version) {
  const folder = join(cache, `node-${version}`, 'bin');
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` };
  const { status, stderr } = spawnSync('node', ['ops/setup/prepare.mjs'], { cwd: root, env, encoding: 'utf8' });
  if (status !== 0) return { ok: false, text: `set-up failed: ${stderr.trim()}` };
  const { ok, passed, failed, skipped, output } = runVitest(['--project', 'fast'], { root, env, quiet: true });
  const leftOut = ci ? skipped.filter((name) => !name.includes('gpu')) : [];
  if (!ok) process.stderr.write(`${output}\n`);
  for (const name of leftOut) process.stderr.write(`left out: ${name}\n`);
  const text = `${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`;
  return { ok: ok && passed > 0 && leftOut.length === 0, text };
}
