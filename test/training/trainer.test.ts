import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { draw } from '../../src/model/estimators/draw.ts';
import { inference } from '../../src/model/inference.ts';
import { trainer } from '../../src/training/trainer.ts';
import { smallNetworks, smallRaster } from '../fakes/small-networks.ts';

const settings = { bands: [{ name: 'grey', scale: 1 / 255, offset: 0 }], attention: { smoothing: 1e-3 } };

describe('trainer', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('learns from scenes of which only a part has data', () => {
    const networks = smallNetworks();
    const valid = Uint8Array.from({ length: 480 }, (_, i) => (i % 24 < 12 ? 1 : 0));
    const overviews = [{ ...smallRaster(24, 20), valid }, smallRaster(24, 20, 1)];
    const { attend } = inference(networks, settings);
    const draws = overviews.map((overview) =>
      draw(attend(overview), { estimator: 'systematic-normalised', patches: 4, seed: 1, key: [] }),
    );
    const patches = draws.map(({ cells }) => cells.map((_, i) => smallRaster(8, 8, i)));
    const { step } = trainer(networks, { ...settings, clipNorm: 1, entropy: 0.01, classWeights: [1, 1, 1] });
    const losses = Array.from({ length: 5 }, () => step({ overviews, draws, patches, labels: [0, 1] }, 0.01));
    for (const { loss, entropy } of losses) expect([loss, entropy].every(Number.isFinite)).toBe(true);
    expect(losses[4]?.loss).toBeLessThan(losses[0]?.loss ?? 0);
    expect(losses[0]?.entropy).toBeLessThanOrEqual((Math.log(60) + Math.log(120)) / 2);
  });
});
