import { type StdioOptions, spawnSync } from 'node:child_process';
import { mkdtemp, open, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeHarbour } from '../../src/training/harbour/make-harbour.ts';
import { untrainedHarbour } from '../fakes/untrained-harbour.ts';
import { parts } from '../setup/parts.ts';
import { violations } from '../setup/schemas.ts';
import { spawnSaccade } from '../setup/spawn-saccade.ts';

type Event = {
  readonly id: string;
  readonly data: {
    readonly properties: { probabilities: Record<string, number>; evidence: object[]; backend: string };
  };
};

const MADE = new Date('2026-01-01T00:00:00Z');

describe('saccade classify', () => {
  let folder: string;
  let scenes: string[];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-classify-'));
    await makeHarbour({ directory: folder, scenes: 4, sizes: [2048], seed: 77 });
    scenes = Array.from({ length: 4 }, (_, index) => join(folder, `scene-0000${index}.tif`));
    // Where places are drawn follows from a file's content, which a file on a disk names by when it was changed.
    for (const scene of scenes) await utimes(scene, MADE, MADE);
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function events(environment: Record<string, string>, ...options: string[]): Promise<Event[]> {
    const saccade = spawnSaccade(['classify', '--json', ...options, ...scenes], { SACCADE_LANES: '1', ...environment });
    expect([await saccade.ended(), saccade.stderr()]).toEqual([0, '']);
    return saccade
      .stdout()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  }

  /** Times are all that may differ between two runs. */
  const timeless = (found: readonly Event[]) =>
    found.map((event) => ({
      ...event,
      time: '',
      data: { ...event.data, properties: { ...event.data.properties, processed: '', seconds: {} } },
    }));

  it('gives identical events but for times when it is run twice, and others for another seed', async () => {
    const first = await events({});
    for (const event of first) expect(violations('classification-event', event)).toEqual([]);
    expect(timeless(await events({}))).toEqual(timeless(first));
    const other = await events({}, '--seed', '5');
    expect(other.map(({ id }) => id)).not.toEqual(first.map(({ id }) => id));
    // Most places of a sharp map are certain, whatever the seed, but not all of all scenes.
    const evidence = (events: readonly Event[]) => events.map(({ data }) => data.properties.evidence);
    expect(evidence(other)).not.toEqual(evidence(first));
  });

  describe.skipIf(!parts.tensorflow)('on two backends, needs tensorflow', () => {
    it('gives probabilities that agree to 1e-3', async () => {
      const [native, wasm] = [
        await events({ SACCADE_BACKEND: 'tensorflow' }),
        await events({ SACCADE_BACKEND: 'wasm' }),
      ];
      expect(native.map(({ data }) => data.properties.backend)).toEqual(scenes.map(() => 'tensorflow'));
      native.forEach((event, index) => {
        const [a, b] = [event, wasm[index]].map((one) => Object.values(one?.data.properties.probabilities ?? {}));
        const differences = a?.map((p, k) => Math.abs(p - (b?.[k] ?? Number.NaN))) ?? [];
        expect(Math.max(...differences)).toBeLessThanOrEqual(1e-3);
      });
    });
  });

  it('draws a heatmap, and tells people what it found', async () => {
    const picture = join(folder, 'seen.png');
    const saccade = spawnSaccade(['classify', '--heatmap', picture, scenes[0] ?? ''], {});
    expect(await saccade.ended()).toBe(0);
    expect(saccade.stdout()).toMatch(/looked at 10 places: \d+ tiles, \d+ kB of \d+ kB in \d+ requests, \d trips/);
    expect((await readFile(picture)).subarray(1, 4).toString()).toBe('PNG');
  });

  it('names each scene that fails with its code, and ends with 1', async () => {
    await writeFile(join(folder, 'text.tif'), 'no TIFF');
    const saccade = spawnSaccade(['classify', join(folder, 'text.tif'), join(folder, 'nowhere.tif')], {});
    expect(await saccade.ended()).toBe(1);
    expect(saccade.stderr()).toMatch(/text\.tif: cog\.invalid: /);
    expect(saccade.stderr()).toMatch(/nowhere\.tif: source\.missing: /);
    expect(saccade.stderr()).toContain('2 of 2 scenes could not be classified');
  });

  it('ends with 1 and says why when what it printed went nowhere, though the work was done by then', async () => {
    const full = await open('/dev/full', 'w');
    const stdio: StdioOptions = ['ignore', full.fd, 'pipe'];
    const classify = (...files: string[]) =>
      spawnSync(process.execPath, ['dist/main.js', 'classify', ...files], { stdio, encoding: 'utf8' });
    const one = classify(scenes[0] ?? '');
    expect([one.status, one.stderr]).toEqual([1, 'saccade: ENOSPC: no space left on device, write\n']);
    const two = classify(...scenes.slice(0, 2));
    expect([two.status, two.stderr]).toEqual([1, expect.stringContaining('ENOSPC')]);
    await full.close();
  });

  it('refuses wrong use with exit code 2 and a line for each mistake', async () => {
    const damaged = await untrainedHarbour();
    await rm(join(damaged, 'feature.json'));
    await writeFile(join(damaged, 'head.json'), `${await readFile(join(damaged, 'head.json'), 'utf8')} `);
    const wrong: [string[], Record<string, string>, RegExp][] = [
      [['classify'], {}, /missing required argument/],
      [['classify', '--nonsense', 'a.tif'], {}, /unknown option '--nonsense'/],
      [['classify', '--seed', 'x', 'a.tif'], {}, /whole number from 0 to 4294967295/],
      [['classify', '--heatmap', 'h.png', 'a.tif', 'b.tif'], {}, /--heatmap draws one scene/],
      [['classify', '--heatmap', '', 'a.tif'], {}, /--heatmap.*It must name a file or a folder/],
      [['classify', '--heatmap', join(folder, 'no/h.png'), 'a.tif'], {}, /cannot open .*no\/h\.png: ENOENT/],
      [['classify', 'a.tif'], { SACCADE_MODEL: folder }, /no model at/],
      [['classify', 'a.tif'], { SACCADE_MODEL: damaged }, /feature\.json cannot be read[\s\S]*head\.json is damaged/],
      [['classify', 'a.tif'], { SACCADE_LANES: '0', SACCADE_BACKEND: 'abacus' }, /SACCADE_BACKEND[\s\S]*SACCADE_LANES/],
      [['demo', '--size', '131073'], {}, /whole number from 512 to 131072/],
      [['demo', '--scenes', '100000000'], {}, /whole number from 1 to 1000000/],
      [['train', 'nowhere.yaml', '--out', folder, '--networks', ''], {}, /--networks.*It must name a file or a folder/],
      [['train', 'nowhere.yaml', '--out', folder], {}, /experiment nowhere\.yaml cannot be read/],
    ];
    for (const [args, environment, message] of wrong) {
      const saccade = spawnSaccade(args, environment);
      expect([args, await saccade.ended()]).toEqual([args, 2]);
      expect(saccade.stderr()).toMatch(message);
    }
    await rm(damaged, { recursive: true });
  });
});
