import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axisGeometry } from '../../src/model/geometry.ts';
import { buildNetwork } from '../../src/model/networks.ts';
import { windowStack } from '../../src/model/window-stack.ts';
import { type Experiment, readExperiment } from '../../src/training/experiment.ts';

function networksOf({ model }: Experiment) {
  const { bands, patch, features, networks } = model;
  const attention = buildNetwork('attention', [null, null, bands.length], networks.attention, 1);
  const feature = buildNetwork('feature', [patch.size, patch.size, bands.length], networks.feature, 2, features);
  const width = feature.outputShape[1] as number;
  return { attention, feature, head: buildNetwork('head', [width], networks.head, 3) };
}

describe('readExperiment', () => {
  let folder: string;
  beforeAll(async () => {
    await tf.setBackend('cpu');
    folder = await mkdtemp(join(tmpdir(), 'saccade-experiment-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('reads every experiment there is, whose head has a number for each class', async () => {
    const files = (await readdir('experiments')).filter((file) => file.endsWith('.yaml'));
    expect(files.length).toBeGreaterThanOrEqual(5);
    for (const file of files) {
      const experiment = await readExperiment(join('experiments', file));
      const { head } = networksOf(experiment);
      expect([file, head.outputShape]).toEqual([file, [null, experiment.model.classes.length]]);
    }
  });

  it("has the paper's networks for Megapixel MNIST: as many weights, a cell for each pixel of the overview", async () => {
    const { attention, feature, head } = networksOf(await readExperiment('experiments/megapixel-mnist.yaml'));
    expect([attention, feature, head].map((network) => network.countParams())).toEqual([737, 29_344, 330]);
    expect(axisGeometry(windowStack(attention).x, 180)).toMatchObject({ cells: 180, stride: 1, offset: 0.5 });
  });

  it("has the paper's networks for speed limits: 35 × 47 cells, a residual network of 32 features", async () => {
    const { attention, feature } = networksOf(await readExperiment('experiments/swedish-traffic-signs.yaml'));
    const { x, y } = windowStack(attention);
    expect([axisGeometry(y, 288).cells, axisGeometry(x, 384).cells]).toEqual([35, 47]);
    expect(feature.outputShape).toEqual([null, 32]);
    // A first convolution, and three blocks of two and a shortcut.
    const convolutions = feature.layers.filter((layer) => layer.getClassName() === 'Conv2D');
    expect(convolutions).toHaveLength(1 + 3 * 3);
    const weights = 9 * 3 * 32 + 3 * (2 * 9 * 32 * 32 + 32 * 32) + 7 * 4 * 32;
    expect(feature.countParams()).toBe(weights);
  });

  it('has the LeNet of Ilse et al. for histopathology', async () => {
    const { feature } = networksOf(await readExperiment('experiments/colon-cancer.yaml'));
    expect(feature.countParams()).toBe(5 * 5 * 3 * 20 + 20 + (5 * 5 * 20 * 50 + 50) + (3 * 3 * 50 * 500 + 500));
    expect(feature.outputShape).toEqual([null, 500]);
  });

  it('refuses a band of which a network would see the same in every scene', async () => {
    const text = await readFile('experiments/harbour.yaml', 'utf8');
    const file = join(folder, 'blind.yaml');
    await writeFile(file, text.replace(/scale: [\d.]+, offset/, 'scale: 0, offset'));
    await expect(readExperiment(file)).rejects.toMatchObject({
      mistakes: [expect.stringMatching(/model\.bands\.0\.scale: a scale of 0 shows a network nothing/)],
    });
  });

  it('refuses probabilities of which no manifest could be made', async () => {
    const text = await readFile('experiments/harbour.yaml', 'utf8');
    const file = join(folder, 'crossed.yaml');
    const crossed = 'confidence: { probabilities: { nominal: 0.9, high: 0.5 }, ';
    await writeFile(file, text.replace('confidence: { ', crossed));
    await expect(readExperiment(file)).rejects.toMatchObject({
      mistakes: [`${file}: model.confidence.probabilities: nominal is above high`],
    });
  });

  it.each([
    ['no YAML', 'model: {a: 1\nfoo: [\n', ' is not YAML: Flow map in block collection must .* at line 2, column 1'],
    ['nothing', '', ': Invalid input: expected object, received null'],
    ['a list', '- model\n', ': Invalid input: expected object, received array'],
  ])('says in one line that a file holds %s', async (_name, text, mistake) => {
    const file = join(folder, 'no-experiment.yaml');
    await writeFile(file, text);
    const mistakes = [expect.stringMatching(new RegExp(`no-experiment\\.yaml${mistake}$`))];
    await expect(readExperiment(file)).rejects.toMatchObject({ mistakes });
  });

  it('says what is wrong with a layer, of the kind that was meant, and lists every mistake', async () => {
    const text = await readFile('experiments/harbour.yaml', 'utf8');
    const file = join(folder, 'wrong.yaml');
    const attention = '    attention:\n      - batchNorm: {}\n      - conv: { filters: 0, kernel: 3 }\n';
    const feature = '    feature:\n      - shuffle: 3\n      - residual: { layers: [{ maxPool: { size: none } }] }\n';
    await writeFile(file, text.replace('    attention:\n', attention).replace('    feature:\n', feature));
    await expect(readExperiment(file)).rejects.toMatchObject({
      mistakes: [
        expect.stringMatching(/networks\.attention\.1\.conv\.filters: .*>=1/),
        expect.stringMatching(/networks\.attention: an attention network has no batchNorm/),
        expect.stringMatching(/networks\.feature\.0: no such layer: \{"shuffle":3\}/),
        expect.stringMatching(/networks\.feature\.1: residual\.layers\.0: maxPool/),
      ],
    });
  });
});
