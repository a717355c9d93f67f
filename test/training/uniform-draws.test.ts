import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { showOverviews } from '../../src/model/attention.ts';
import { draw } from '../../src/model/estimators/draw.ts';
import { inference } from '../../src/model/inference.ts';
import type { AttentionMap } from '../../src/scene.ts';
import { readExperiment } from '../../src/training/experiment.ts';
import { trainer } from '../../src/training/trainer.ts';
import { smallNetworks, smallRaster } from '../fakes/small-networks.ts';

/** The baseline U-10: all of the attention is smoothing, so whatever the network says, every cell has the same. */
describe('uniform draws', () => {
  const estimator = 'uniform';
  const networks = smallNetworks();
  const settings = { bands: [{ name: 'grey', scale: 1 / 255, offset: 0 }], attention: { smoothing: 1 } };
  const [patches, overview] = [10, smallRaster(16, 12)];
  let attention: AttentionMap;
  beforeAll(async () => {
    await tf.setBackend('cpu');
    attention = await inference(networks, settings).attend(overview);
  });

  it('are what harbour-uniform.yaml asks for, and all that sets it apart from the bundled model', async () => {
    const [attentive, even] = await Promise.all(
      ['harbour', 'harbour-uniform'].map((name) => readExperiment(`experiments/${name}.yaml`)),
    );
    const { name, description, attention } = even?.model ?? {};
    expect(attention).toEqual({ smoothing: 1 });
    expect(even).toEqual({
      ...attentive,
      model: { ...attentive?.model, name, description, attention, estimator },
      training: { ...attentive?.training, estimator },
    });
  });

  it('weigh every place alike', () => {
    expect(new Set(attention.values)).toEqual(new Set([Math.fround(1 / attention.values.length)]));
    const { cells } = draw(attention, { estimator, patches, seed: 1, key: [] });
    expect(cells).toHaveLength(patches);
    for (const cell of cells) expect(cell.coefficient * cell.attention).toBeCloseTo(1 / patches, 12);
  });

  it('estimate the mean over all places without bias', () => {
    const features = Array.from(attention.values, (_, cell) => (cell % 7) ** 2);
    const mean = features.reduce((sum, feature) => sum + feature, 0) / features.length;
    const estimates = Array.from({ length: 4000 }, (_, seed) => {
      const { cells } = draw(attention, { estimator, patches, seed, key: [] });
      return cells.reduce((sum, { cell }) => sum + (features[cell] ?? 0) / patches, 0);
    });
    const average = estimates.reduce((sum, estimate) => sum + estimate, 0) / estimates.length;
    const variance = estimates.reduce((sum, estimate) => sum + (estimate - average) ** 2, 0) / estimates.length;
    expect(Math.abs(average - mean)).toBeLessThan(4 * Math.sqrt(variance / estimates.length));
  });

  it('teach the feature network and the head, and leave the attention network as it was', () => {
    const weights = () =>
      Object.values(networks).map((network) => network.getWeights().map((weight) => Array.from(weight.dataSync())));
    const before = weights();
    const { step } = trainer(networks, { ...settings, clipNorm: 1, entropy: 0.1 });
    const drawn = draw(attention, { estimator, patches, seed: 1, key: [] });
    const seen = drawn.cells.map(({ cell }) => smallRaster(8, 8, cell));
    step(
      {
        overviews: showOverviews(networks.attention, [overview], settings.bands),
        draws: [drawn],
        patches: [seen],
        labels: [1],
        weights: [1],
      },
      0.01,
    );
    const after = weights();
    expect(after[0]).toEqual(before[0]);
    expect(after[1]).not.toEqual(before[1]);
    expect(after[2]).not.toEqual(before[2]);
  });
});
