import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { parts } from '../setup/parts.ts';
import { spawnSaccade } from '../setup/spawn-saccade.ts';

describe.skipIf(!parts.tensorflow)('saccade train on data that are wrong, needs tensorflow', () => {
  let folder: string;
  let experiment: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saccade-bad-data-'));
    await mkdir(join(folder, 'data'));
    experiment = join(folder, 'signs.yaml');
    const { model, training } = parse(await readFile('experiments/harbour.yaml', 'utf8'));
    const dataset = join(folder, 'data');
    const stages = [{ dataset, steps: 1, learningRate: 0.001 }];
    const wanted = { ...training, stages, validation: { dataset, everySteps: 1 } };
    const classes = ['none', '50', '70', '30'];
    await writeFile(experiment, stringify({ model: { ...model, classes, metresPerPixel: null }, training: wanted }));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function trainOn(...labels: string[]): Promise<[number | null, string[]]> {
    await writeFile(join(folder, 'data', 'labels.csv'), ['file,label', ...labels].join('\n'));
    const saccade = spawnSaccade(
      ['train', experiment, '--out', join(folder, 'model'), '--run', join(folder, 'run')],
      {},
    );
    const code = await saccade.ended();
    expect(saccade.stdout()).toBe('');
    return [
      code,
      saccade
        .stderr()
        .split('\n')
        .filter((line) => line.startsWith('saccade: ')),
    ];
  }

  it('says at once which labels are wrong and which files, and which classes are empty', async () => {
    for (const name of ['a', 'b'])
      await sharp({ create: { width: 128, height: 128, channels: 3, background: '#456' } })
        .png()
        .toFile(join(folder, 'data', `${name}.png`));
    const [code, lines] = await trainOn('a.png,50', 'a.png,70', 'b.png,80', 'c.png,', 'd.png,none', 'sub/d.png,70');
    expect(code).toBe(2);
    expect(lines).toHaveLength(5);
    for (const [i, told] of [
      /line 3: a\.png is listed/,
      /line 4: b is labelled 80/,
      /line 5: class/,
      /line 7: sub\/d\.png/,
      /d\.png: .* does not exist/,
    ].entries())
      expect(lines[i]).toMatch(told);
    const [again, empty] = await trainOn('a.png,50', 'b.png,none');
    expect(again).toBe(2);
    expect(empty).toEqual([
      expect.stringMatching(/data: no scene is labelled 70;/),
      expect.stringMatching(/data: no scene is labelled 30;/),
    ]);
  });

  it('says at once which images are missing, broken or too small, and does not begin', async () => {
    const noise = Buffer.from(Array.from({ length: 128 * 128 * 3 }, (_, i) => (i * i) % 251));
    const image = await sharp(noise, { raw: { width: 128, height: 128, channels: 3 } })
      .jpeg()
      .toBuffer();
    await writeFile(join(folder, 'data', 'whole.jpg'), image);
    await writeFile(join(folder, 'data', 'cut.jpg'), image.subarray(0, image.length / 2));
    await sharp(image)
      .resize(70, 128)
      .png()
      .toFile(join(folder, 'data', 'narrow.png'));
    const missing = Array.from({ length: 25 }, (_, i) => `gone-${i}.jpg,70`);
    const [code, lines] = await trainOn('whole.jpg,none', 'cut.jpg,50', 'narrow.png,30', ...missing);
    expect(code).toBe(2);
    expect(lines).toHaveLength(21);
    expect(lines[0]).toMatch(/cut\.jpg: not a JPEG that can be read/);
    expect(lines[1]).toMatch(
      /narrow\.png: the scene is smaller than a patch: 70 × 128 pixels where a patch has 80 × 80/,
    );
    expect(lines[2]).toMatch(/gone-0\.jpg: .* does not exist/);
    expect(lines[20]).toBe('saccade: and 7 more mistakes');
  });
});
