import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { showOverviews } from '../../src/model/attention.ts';
import { draw } from '../../src/model/estimators/draw.ts';
import { inference } from '../../src/model/inference.ts';
import { buildNetwork, type LayerDescription } from '../../src/model/networks.ts';
import { trainer } from '../../src/training/trainer.ts';
import { smallNetworks, smallRaster } from '../fakes/small-networks.ts';

const settings = { bands: [{ name: 'grey', scale: 1 / 255, offset: 0 }], attention: { smoothing: 1e-3 } };

describe('trainer', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('learns from scenes of which only a part has data', async () => {
    const networks = smallNetworks();
    const valid = Uint8Array.from({ length: 480 }, (_, i) => (i % 24 < 12 ? 1 : 0));
    const overviews = [{ ...smallRaster(24, 20), valid }, smallRaster(24, 20, 1)];
    const { attend } = inference(networks, settings);
    const maps = await Promise.all(overviews.map(attend));
    const options = { estimator: 'systematic-normalised', patches: 4, seed: 1, key: [] } as const;
    const draws = maps.map((map) => draw(map, options));
    const patches = draws.map(({ cells }) => cells.map((_, i) => smallRaster(8, 8, i)));
    const { step } = trainer(networks, { ...settings, clipNorm: 1, entropy: 0.01 });
    const losses = Array.from({ length: 5 }, () =>
      step(
        {
          overviews: showOverviews(networks.attention, overviews, settings.bands),
          draws,
          patches,
          labels: [0, 1],
          weights: [1, 1],
        },
        0.01,
      ),
    );
    for (const { loss, entropy } of losses) expect([loss, entropy].every(Number.isFinite)).toBe(true);
    expect(losses[4]?.loss).toBeLessThan(losses[0]?.loss ?? 0);
    expect(losses[0]?.entropy).toBeLessThanOrEqual((Math.log(60) + Math.log(120)) / 2);
  });

  it('trains batch norms on the batch, which take note of it, and charges the squares of kernels', async () => {
    const feature = (l2: number): LayerDescription[] => [
      { conv: { filters: 4, kernel: 3, activation: 'linear', bias: false, l2 } },
      { batchNorm: { momentum: 0.5 } },
      { activation: 'relu' },
      { globalAveragePool: true },
    ];
    const features = { normalise: true, position: true };
    const train = async (l2: number) => {
      const networks = { ...smallNetworks(), feature: buildNetwork('feature', [8, 8, 1], feature(l2), 2, features) };
      const overview = smallRaster(24, 20);
      const { attend } = inference(networks, settings);
      const draws = [draw(await attend(overview), { estimator: 'systematic', patches: 4, seed: 1, key: [] })];
      const patches = [draws[0]!.cells.map((_, i) => ({ ...smallRaster(8, 8, i), centre: [i / 4, 0.5] as const }))];
      const { step } = trainer(networks, {
        ...settings,
        ...{ features, clipNorm: 1, entropy: 0 },
      });
      const batch = {
        overviews: showOverviews(networks.attention, [overview], settings.bands),
        draws,
        patches,
        labels: [2],
        weights: [1],
      };
      const losses = Array.from({ length: 6 }, () => step(batch, 0.01).loss);
      const tensors = tf.memory().numTensors;
      losses.push(step(batch, 0.01).loss);
      expect(tf.memory().numTensors).toBe(tensors);
      return { networks, losses };
    };
    const plain = await train(0);
    expect(plain.losses.at(-1)).toBeLessThan(plain.losses[0]!);
    const [, beta, mean, variance] = plain.networks.feature.layers[2]!.getWeights().map((w) => [...w.dataSync()]);
    expect(beta!.some((value) => value !== 0)).toBe(true);
    expect(mean!.some((value) => Math.abs(value) > 0.01)).toBe(true);
    expect(variance!.every((value) => value > 0 && value !== 1)).toBe(true);
    const squares = (networks: typeof plain.networks) =>
      tf.sum(tf.square(networks.feature.getWeights()[0]!)).dataSync()[0]!;
    const charged = await train(0.1);
    expect(charged.losses[0]! - plain.losses[0]!).toBeCloseTo(
      0.1 * squares({ ...smallNetworks(), feature: buildNetwork('feature', [8, 8, 1], feature(0), 2, features) }),
      3,
    );
    expect(squares(charged.networks)).toBeLessThan(squares(plain.networks));
  });
});
