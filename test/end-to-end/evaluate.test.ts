import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeHarbour } from '../../src/training/harbour/make-harbour.ts';
import { readLabels } from '../../src/training/labels.ts';
import { untrainedHarbour } from '../fakes/untrained-harbour.ts';
import { spawnSaccade } from '../setup/spawn-saccade.ts';

describe('saccade evaluate', () => {
  let folder: string;
  let model: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-evaluate-'));
    await makeHarbour({ directory: folder, scenes: 4, sizes: [512], seed: 5 });
    model = await untrainedHarbour();
  });
  afterAll(() => Promise.all([folder, model].map((directory) => rm(directory, { recursive: true }))));

  const evaluate = (...options: string[]) =>
    spawnSaccade(['evaluate', model, '--data', folder, '--backend', 'wasm', ...options], {});

  it('judges each scene once, and draws those that were answered wrongly', async () => {
    const pictures = join(folder, 'pictures');
    const saccade = evaluate('--json', '--pictures', pictures, '--patches', '3', '--seed', '2');
    expect(await saccade.ended()).toBe(0);
    expect(saccade.stderr()).toMatch(/^(check \d\/4.*\n)*check 4\/4\n(evaluate \d\/4.*\n)*evaluate 4\/4\n$/);
    const report = JSON.parse(saccade.stdout());
    expect(report).toMatchObject({
      dataset: folder,
      model: { directory: model, name: 'untrained-harbour', version: '0.0.1' },
      ...{ backend: 'wasm', patches: 3, asAsked: true, seed: 2, scenes: 4 },
      lookedAt: { of: 3 }, // one scene in four has no vessel
    });
    expect(report.confusion.flat().reduce((sum: number, count: number) => sum + count, 0)).toBe(4);
    expect(report.answers).toHaveLength(4);
    expect(report.wrong).toHaveLength(4 * report.error);
    expect(report.accuracy).toBeCloseTo(1 - report.error);
    expect(report.balancedAccuracy).toBeCloseTo(report.accuracy); // one scene of each class
    expect(report.calibration.bins.reduce((sum: number, bin: { scenes: number }) => sum + bin.scenes, 0)).toBe(4);
    expect(report.millisecondsPerScene).toBeGreaterThan(0);
    expect(report.peakBytes).toBeGreaterThanOrEqual(report.residentBytes);
    const drawn = report.wrong.map(({ id }: { id: string }) => `${id}.png`);
    expect((await readdir(pictures)).sort()).toEqual(drawn.sort());
    for (const name of drawn) expect((await readFile(join(pictures, name))).toString('latin1', 1, 4)).toBe('PNG');
  });

  it('writes a report whose pictures are all there, with a row for each number of places and the exact pass', async () => {
    const report = join(folder, 'report');
    expect(await evaluate('--report', report).ended()).toBe(0);
    const page = await readFile(join(report, 'report.md'), 'utf8');
    const links = [...page.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, link]) => decodeURIComponent(link as string));
    expect(links).toHaveLength(8); // of four scenes two each
    for (const link of links) expect((await readFile(join(report, link))).toString('latin1', 1, 4)).toBe('PNG');
    const { costs, confusion } = JSON.parse(await readFile(join(report, 'report.json'), 'utf8'));
    const places = costs.map((row: { places: number | 'all' }) => row.places);
    expect(places.slice(0, 2)).toEqual([5, 10]);
    expect(places.at(-1)).toBe('all');
    const bytes = costs.map((row: { tensorBytes: number }) => row.tensorBytes);
    expect(bytes).toEqual([...bytes].sort((a, b) => a - b)); // more places hold more
    expect(page).toContain(`| **ferry** | ${confusion[3].join(' | ')} |`);
  });

  it('says of the estimator that takes all places how many those are, and has no rows of other numbers', async () => {
    const report = join(folder, 'exact');
    const saccade = evaluate('--report', report, '--estimator', 'all');
    expect(await saccade.ended()).toBe(0);
    const { patches, costs } = JSON.parse(await readFile(join(report, 'report.json'), 'utf8'));
    const page = await readFile(join(report, 'report.md'), 'utf8');
    const [, cells] = /^\| all (\d+) \(exact\) \| 4 \|/m.exec(page) ?? [];
    expect([patches, costs.length]).toEqual([Number(cells), 1]);
    expect(saccade.stdout()).toContain(`: at most ${cells} places each, all, seed 0`);
  });

  it('states no place that was not looked at where scenes have fewer than were asked for', async () => {
    const saccades = [evaluate('--patches', '1000'), evaluate('--patches', '1000', '--json')] as const;
    expect(await Promise.all(saccades.map((saccade) => saccade.ended()))).toEqual([0, 0]);
    const [text, json] = saccades.map((saccade) => saccade.stdout());
    expect(text).toContain(': at most 256 places each, systematic'); // a cell for each 2 × 2 pixels of the overview
    expect(JSON.parse(json ?? '')).toMatchObject({ patches: 256, asAsked: false });
  });

  it('draws each scene of data sets that are joined, though both call their scenes the same', async () => {
    const parts = await Promise.all([1, 2].map(() => mkdtemp(join(folder, 'part-'))));
    for (const part of parts) await writeFile(join(part, 'labels.csv'), 'file,label\n../scene-00000.tif,none\n');
    const report = join(folder, 'joined');
    const args = ['evaluate', model, '--data', parts.join(' + '), '--backend', 'wasm', '--report', report];
    expect(await spawnSaccade(args, {}).ended()).toBe(0);
    const names = ['scene-00000', 'scene-00000-2'].flatMap((name) => [`${name}-attention.png`, `${name}-patches.png`]);
    expect((await readdir(join(report, 'pictures'))).sort()).toEqual(names.sort());
  });

  it('keeps how all scenes were judged when it is stopped while it looks at some again for a report', async () => {
    const report = join(folder, 'half');
    const saccade = evaluate('--report', report);
    const drawn = () => readdir(join(report, 'pictures')).catch(() => []);
    while ((await drawn()).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await saccade.interrupt()).toBe(1);
    expect(saccade.stderr()).toMatch(
      /^saccade: stopped: .*report\.json tells how all 4 scenes were judged, without costs and page$/m,
    );
    expect(saccade.stdout()).toContain('untrained-harbour 0.0.1 on 4 scenes');
    const kept = JSON.parse(await readFile(join(report, 'report.json'), 'utf8'));
    expect([kept.answers.length, kept.costs]).toEqual([4, undefined]);
  });

  it('tells people, and says the same twice apart from time and memory', async () => {
    const texts = [evaluate(), evaluate()].map(async (saccade) => {
      expect(await saccade.ended()).toBe(0);
      return saccade.stdout().replace(/^(seconds|memory).*$/gm, '');
    });
    const [first, second] = await Promise.all(texts);
    expect(first).toMatch(/^untrained-harbour 0\.0\.1 on 4 scenes of .*: 4 places each, systematic, seed 0, wasm\n/);
    expect(first).toMatch(/^is \\ said +none +container +tanker +ferry +right$/m);
    expect(second).toBe(first);
  });

  it('stops when it is told to, and says how far it came', async () => {
    const [many, pictures] = [join(folder, 'many'), join(folder, 'many', 'pictures')];
    await mkdir(many);
    const scenes = (await readLabels(folder)).map(({ path, class: name }) => ({
      file: relative(many, path),
      class: name,
    }));
    const lines = Array.from({ length: 1000 }, (_, pass) =>
      scenes.map((scene, i) => ({ ...scene, id: `${pass}-${i}` })),
    );
    await writeFile(
      join(many, 'labels.jsonl'),
      lines
        .flat()
        .map((line) => JSON.stringify(line))
        .join('\n'),
    );
    const saccade = spawnSaccade(['evaluate', model, '--data', many, '--backend', 'wasm', '--pictures', pictures], {});
    const begun = () => readdir(pictures).catch(() => []);
    while ((await begun()).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await saccade.interrupt()).toBe(1);
    expect(saccade.stderr()).toMatch(/^saccade: stopped: \d+ of 4000 scenes were judged; no report is kept$/m);
    expect(saccade.stdout()).toBe('');
  });

  it('refuses what it cannot judge', async () => {
    const dataset = async (file: string, label: string) => {
      const directory = await mkdtemp(join(folder, 'refused-'));
      await writeFile(join(directory, 'labels.csv'), `file,label\n${file},${label}\n`);
      return directory;
    };
    const [foreign, gone] = [await dataset('a.tif', 'submarine'), await dataset('gone.tif', 'ferry')];
    const broken = await dataset('labels.csv', 'ferry');
    const exact = join(folder, 'all');
    await cp(model, exact, { recursive: true });
    const manifest = JSON.parse(await readFile(join(model, 'model.json'), 'utf8'));
    const draw = { ...manifest.draw, estimator: 'all' };
    await writeFile(join(exact, 'model.json'), JSON.stringify({ ...manifest, draw }));
    const wrong: [string[], number, RegExp][] = [
      [
        [model, '--data', join(folder, 'nowhere')],
        2,
        /nowhere is no data set: it holds neither labels\.jsonl nor labels\.csv/,
      ],
      [
        [model, '--data', foreign],
        2,
        /a is labelled submarine, which is no class of the model \(none, container, tanker, ferry\)/,
      ],
      [[model, '--data', gone], 2, /gone\.tif: .* does not exist/],
      [[model, '--data', broken], 2, /labels\.csv: not a TIFF/],
      [[folder, '--data', folder], 2, /no model at/],
      [[model, '--data', folder, '--report', ''], 2, /--report.*It must name a file or a folder/],
      [[model, '--data', folder, '--pictures', ''], 2, /--pictures.*It must name a file or a folder/],
      [[model, '--data', folder, '--backend', 'abacus'], 2, /Allowed choices are auto, tensorflow, webgpu, wasm, cpu/],
      [[model, '--data', folder, '--patches', '0'], 2, /whole number from 1 to 100000/],
      [[model, '--data', folder, '--patches', '100000000'], 2, /whole number from 1 to 100000/],
      [[model, '--data', folder, '--patches', '5', '--estimator', 'all'], 2, /--patches goes with an estimator that/],
      [[exact, '--data', folder, '--patches', '5'], 2, /--patches goes with an estimator that/],
    ];
    for (const [args, code, message] of wrong) {
      const saccade = spawnSaccade(['evaluate', ...args], { SACCADE_BACKEND: 'wasm' });
      expect([args, await saccade.ended()]).toEqual([args, code]);
      expect(saccade.stderr()).toMatch(message);
    }
  });
});
