import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { untrainedHarbour } from '../fakes/untrained-harbour.ts';
import { spawnSaccade } from '../setup/spawn-saccade.ts';

const wasm = { SACCADE_BACKEND: 'wasm' };

describe('saccade model', () => {
  let folder: string;
  const made: string[] = [];
  const fresh = async () => {
    const directory = await untrainedHarbour();
    made.push(directory);
    return directory;
  };
  const run = async (...args: string[]) => {
    const saccade = spawnSaccade(['model', ...args], wasm);
    return { code: await saccade.ended(), stdout: saccade.stdout(), stderr: saccade.stderr() };
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-model-'));
    made.push(folder);
  });
  afterAll(() => Promise.all(made.map((directory) => rm(directory, { recursive: true }))));

  it('finds the bundled model in order, in a few lines or in one JSON document', async () => {
    const { code, stdout, stderr } = await run('check', 'models/harbour');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^model +harbour \d+\.\d+\.\d+ \(format 1\), in order/);
    expect(stdout).toMatch(/^attention +16689 weights; a cell every 4 × 4 pixels of overview, looking at 16 × 16$/m);
    expect(stdout).toMatch(/^computed +a first scene on wasm in [\d.]+ s$/m);
    const json = await run('check', 'models/harbour', '--json', '--backend', 'cpu');
    expect(json.stdout.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      ...{ ok: true, name: 'harbour', backend: 'cpu', classes: ['none', 'container', 'tanker', 'ferry'] },
      networks: { feature: { features: 32 }, head: { weights: 132 } },
    });
  });

  it('tells that a model attends to its overview magnified, and to the mirror image', async () => {
    const { stdout } = await run('check', 'models/speed-limits');
    expect(stdout).toMatch(/^attention .*, looking at 37 × 37, magnified [\d.]+ times, and its mirror image$/m);
  });

  it.each(readdirSync('models'))('finds models/%s, which comes with the package, in order', async (name) => {
    const { code, stdout } = await run('check', `models/${name}`);
    expect([code, stdout]).toEqual([0, expect.stringMatching(new RegExp(`^model +${name} .*, in order`))]);
  });

  it('tells all mistakes at once with exit code 1: a damaged file, a missing one, one that does not fit', async () => {
    const directory = await fresh();
    const path = join(directory, 'model.json');
    const manifest = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...manifest, classes: ['ship', 'none'] }));
    await rm(join(directory, 'attention.json'));
    await writeFile(join(directory, 'feature.json'), '{}');
    const { code, stdout, stderr } = await run('check', directory);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^saccade: .*attention\.json cannot be read; model\.json names it$/),
      expect.stringMatching(/^saccade: .*feature\.json is damaged: its SHA-256 is/),
      expect.stringMatching(/^saccade: .*: the head gives 4, and the model has 2 classes: ship, none$/),
      `saccade: ${directory} is not in order: 3 mistakes`,
    ]);
    const json = await run('check', directory, '--json');
    expect([json.code, JSON.parse(json.stdout)]).toEqual([
      1,
      { ok: false, directory, mistakes: [expect.any(String), expect.any(String), expect.any(String)] },
    ]);
  });

  it('tells a manifest of another format, and none at all, in one line', async () => {
    const directory = await fresh();
    await writeFile(join(directory, 'model.json'), '{"format":2,"layers":[]}');
    const { code, stderr } = await run('check', directory);
    expect([code, stderr.split('\n')[0]]).toEqual([
      1,
      expect.stringMatching(
        /model\.json is of format 2, and this Saccade reads 1: use the Saccade that made the model/,
      ),
    ]);
    const none = await run('check', folder);
    expect([none.code, none.stderr.split('\n')[0]]).toEqual([1, expect.stringContaining('no model at')]);
  });

  it('describes a model as a STAC Item, which names its files from where it lies', async () => {
    const printed = await run('stac', 'models/harbour');
    expect(JSON.parse(printed.stdout)).toMatchObject({
      type: 'Feature',
      assets: { feature: { href: './feature.json' } },
      properties: { 'mlm:total_parameters': 16689 + 15104 + 132 },
    });
    const directory = await fresh();
    const out = join(directory, 'item.json');
    expect(await run('stac', directory, '--out', out)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(JSON.parse(await readFile(out, 'utf8')).assets.head.href).toBe('./head.json');
    await rm(join(directory, 'head.json'));
    const broken = await run('stac', directory);
    expect([broken.code, broken.stdout]).toEqual([1, '']);
    // Before the model is looked at.
    const taken = await run('stac', directory, '--out', directory);
    expect(taken).toEqual({ code: 2, stdout: '', stderr: `saccade: cannot open ${directory}: it is a directory\n` });
  });
});
