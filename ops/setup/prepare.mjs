/**
 * Installs and builds what is missing, and nothing else: every npm command that needs more than a bare checkout starts
 * here. Says what it does on stderr, and nothing when there is nothing to do.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lock } from './lock.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const INSTALL = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--fetch-timeout=60000'];
const ADDON = 'node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node';
const INSTALLED = 'node_modules/.package-lock.json';
const TRIED = 'node_modules/.saccade-lock';
const BUILT = 'dist/.built';
const MINUTES = 15;

try {
  checkNode();
  if (!isInstalled() || !isBuilt()) await prepare();
} catch (error) {
  process.stderr.write(`saccade: ${error.message}\n`);
  process.exitCode = 1;
}

async function prepare() {
  const release = await lock(root, () => say('another set-up is at work here; waiting for it'));
  try {
    if (!isInstalled()) await install();
    if (!isBuilt()) await build();
  } finally {
    release();
  }
}

function checkNode() {
  const wanted = readJson('package.json').engines.node;
  const [major, minor] = process.versions.node.split('.').map(Number);
  const fits = wanted.split('||').some((range) => {
    const [, operator, fromMajor, fromMinor] = /^\s*(\^|>=)(\d+)\.(\d+)\./.exec(range) ?? [];
    if (major === Number(fromMajor)) return minor >= Number(fromMinor);
    return operator === '>=' && major > Number(fromMajor);
  });
  if (!fits) throw new Error(`this is Node ${process.versions.node}, and Saccade needs ${wanted}`);
}

/**
 * npm notes what it installed, at the very end: that note is compared with the lock, so a bare `npm install` counts. An
 * optional package may be missing only once npm has had its try at this very lock.
 */
function isInstalled() {
  if (!existsSync(join(root, INSTALLED))) return false;
  const found = readJson(INSTALLED).packages;
  const tried = existsSync(join(root, TRIED)) && readFileSync(join(root, TRIED), 'utf8') === lockHash();
  return Object.entries(readJson('package-lock.json').packages).every(([path, wanted]) => {
    if (path === '') return true;
    if (found[path] === undefined) return wanted.optional === true && tried;
    return found[path].version === wanted.version && existsSync(join(root, path));
  });
}

async function install() {
  const hadAddon = existsSync(join(root, ADDON));
  say('installing the npm packages (a minute or two)');
  rmSync(join(root, INSTALLED), { force: true }); // first of all, so that it cannot outlive half of node_modules
  const { code, output } = await run('npm', INSTALL);
  if (code !== 0) throw new Error(`npm ${INSTALL.slice(0, 2).join(' ')} failed: ${npmErrors(output)}`);
  writeFileSync(join(root, TRIED), lockHash());
  // npm has just removed native TensorFlow with the rest of node_modules; its cache makes it a matter of a second.
  if (hadAddon) say((await run('ops/setup/tensorflow.sh')).output.trim().split('\n').at(-1));
}

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

function npmErrors(output) {
  const lines = output.split('\n').filter((line) => /^npm (error|ERR!) \S/.test(line));
  const text = lines.slice(0, 3).map((line) => line.replace(/^npm (error|ERR!) /, ''));
  return text.join('; ') || output.trim() || `no answer in ${MINUTES} minutes`;
}

/** The stamp is written after the build and names what was built, so that an interrupted build is done again. */
function isBuilt() {
  const stamp = join(root, BUILT);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === sourceHash();
}

async function build() {
  say('building');
  const hash = sourceHash();
  const { code, output } = await run('npm', ['run', '--silent', 'build']);
  if (code !== 0) throw new Error(`npm run build failed:\n${output.trim()}`);
  writeFileSync(join(root, BUILT), hash);
}

function sourceHash() {
  const hash = createHash('sha256');
  const sources = readdirSync(join(root, 'src'), { recursive: true }).map((name) => join('src', name));
  for (const path of ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json', ...sources.sort()]) {
    if (statSync(join(root, path)).isFile()) hash.update(`${path}\0`).update(readFileSync(join(root, path)));
  }
  return hash.digest('hex');
}

/** Runs to the end, quietly: all that it prints comes back. */
function run(command, args = []) {
  return new Promise((resolve) => {
    const options = { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], timeout: MINUTES * 60_000 };
    const child = spawn(command, args, options);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
    child.on('error', (error) => resolve({ code: 1, output: error.message }));
    child.on('close', (code) => resolve({ code, output }));
  });
}

function readJson(path) {
  return JSON.parse(readFileSync(join(root, path), 'utf8'));
}

function say(what) {
  process.stderr.write(`saccade: ${what}\n`);
}
