import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeHarbour } from '../../src/training/harbour/make-harbour.ts';
import { untrainedHarbour } from '../fakes/untrained-harbour.ts';

type Ended = { readonly code: unknown; readonly stdout: string; readonly stderr: string };

/** What every `--json` promises to whoever pipes it on: documents on stdout and nothing else, mistakes on stderr, a code. */
describe('--json', () => {
  let folder: string;
  let model: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-json-'));
    await makeHarbour({ directory: join(folder, 'data'), scenes: 4, sizes: [512], seed: 3 });
    await writeFile(join(folder, 'text.tif'), 'no TIFF');
    model = await untrainedHarbour();
  });
  afterAll(async () => {
    for (const path of [folder, model]) await rm(path, { recursive: true });
  });

  function run(command: string, more: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const scene = join(folder, 'data', 'scene-00000.tif');
    const words = command.replaceAll('FOLDER', folder).replaceAll('SCENE', scene).split(' ');
    const [script = '', ...args] =
      words[0] === 'gpu-check' ? ['ops/gpu-check.mjs', ...words.slice(1)] : ['dist/main.js', ...words];
    const settings = { SACCADE_MODEL: model, SACCADE_BACKEND: 'wasm', SACCADE_THREADS: '1', ...more };
    return new Promise((resolve) => {
      const env = { PATH: process.env['PATH'], ...settings };
      execFile(process.execPath, [script, ...args, '--json'], { env }, (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, stdout, stderr }),
      );
    });
  }

  it.each([
    ['inspect SCENE SCENE', 2],
    ['classify SCENE SCENE', 2],
    ['evaluate --data FOLDER/data', 1],
    ['dataset harbour --out FOLDER/made --scenes 2 --size 512', 1],
    ['run --dry-run', 1],
    ['demo --out FOLDER/demo --scenes 4 --size 512', 1],
    ['gpu-check', 1],
  ])('prints documents alone, one a line: %s', async (command, documents) => {
    const { code, stdout, stderr } = await run(command);
    expect([code, stdout.endsWith('\n'), stderr.includes('{')]).toEqual([0, true, false]);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => typeof JSON.parse(line))).toEqual(Array.from({ length: documents }, () => 'object'));
  });

  it.each([
    ['inspect SCENE FOLDER/text.tif', 1, 1, /^saccade: \S+text\.tif: cog\.invalid: .*\nsaccade: 1 of 2 scenes .*\n$/],
    ['classify FOLDER/text.tif SCENE', 1, 1, /^saccade: \S+text\.tif: cog\.invalid: .*\nsaccade: 1 of 2 scenes .*\n$/],
    ['evaluate --data FOLDER', 2, 0, /^saccade: .* is no data set: .*\n$/],
    ['dataset harbour --out FOLDER/text.tif --scenes 2 --size 512', 2, 0, /^saccade: no folder can be made at .*\n$/],
    ['run --dry-run --input FOLDER/nowhere', 2, 0, /^saccade: cannot open .*\n$/],
    ['demo --out FOLDER/text.tif --scenes 4 --size 512', 2, 0, /^saccade: no folder can be made at .*\n$/],
    ['evaluate --data SCENE --patches x', 2, 0, /^error: option '--patches <number>' argument 'x' is invalid\. .*\n$/],
  ])('says in a line each what failed, and ends with the right code: %s', async (command, code, documents, lines) => {
    const ended = await run(command);
    expect(ended).toMatchObject({ code, stderr: expect.stringMatching(lines) });
    expect(ended.stdout.split('\n').filter((line) => line && JSON.parse(line))).toHaveLength(documents);
  });

  it.each(['evaluate --data FOLDER/data', 'run --dry-run', 'gpu-check'])(
    'refuses a model that is not there: %s',
    async (command) => {
      const { code, stdout, stderr } = await run(command, { SACCADE_MODEL: '/nowhere' });
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^(scenes .*\n)*(saccade|gpu-check): no model at \/nowhere: \S+ cannot be read\n$/);
    },
  );
});
