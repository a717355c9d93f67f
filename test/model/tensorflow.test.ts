import '@tensorflow/tfjs-backend-cpu';
import { rm } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { showOverviews } from '../../src/model/attention.ts';
import { useBackend } from '../../src/model/backend.ts';
import { draw } from '../../src/model/estimators/draw.ts';
import { inference } from '../../src/model/inference.ts';
import { loadModel } from '../../src/model/load-model.ts';
import { trainer } from '../../src/training/trainer.ts';
import { smallModelDirectory } from '../fakes/small-model.ts';
import { smallNetworks, smallRaster } from '../fakes/small-networks.ts';
import { parts } from '../setup/parts.ts';

const settings = { bands: [{ name: 'grey', scale: 1 / 255, offset: 0 }], attention: { smoothing: 1e-3 } };
const overview = smallRaster(24, 20);

/** Plain JavaScript, which needs nothing, has the first word; the native library must say the same. */
describe.skipIf(!parts.tensorflow)('native TensorFlow, needs tensorflow', () => {
  async function onBoth<T>(compute: () => Promise<T>): Promise<[plain: T, native: T]> {
    await tf.setBackend('cpu');
    const plain = await compute();
    expect(await useBackend('tensorflow')).toBe('tensorflow');
    return [plain, await compute()];
  }

  it('attends and looks as plain JavaScript does, pulls and error bar included', async () => {
    const [plain, native] = await onBoth(async () => {
      const { attend, look } = inference(smallNetworks(), settings);
      const attention = await attend(overview);
      const drawn = draw(attention, { estimator: 'systematic', patches: 4, seed: 1, key: [] });
      const patches = drawn.cells.map((_, i) => smallRaster(8, 8, i));
      const { probabilities, pulls, standardError } = await look(patches, drawn);
      return [...attention.values, ...probabilities, ...pulls, standardError];
    });
    expect(native.length).toBe(plain.length);
    native.forEach((value, i) => {
      expect(value).toBeCloseTo(plain[i]!, 5);
    });
  });

  it('trains as plain JavaScript does, step by step', async () => {
    const [plain, native] = await onBoth(async () => {
      const networks = smallNetworks();
      const { attend } = inference(networks, settings);
      const drawn = draw(await attend(overview), { estimator: 'systematic', patches: 4, seed: 1, key: [] });
      const patches = drawn.cells.map((_, i) => smallRaster(8, 8, i));
      const { step } = trainer(networks, { ...settings, clipNorm: 1, entropy: 0.01 });
      const batch = {
        overviews: showOverviews(networks.attention, [overview], settings.bands),
        draws: [drawn],
        patches: [patches],
        labels: [1],
        weights: [1],
      };
      return Array.from({ length: 5 }, () => step(batch, 0.01).loss);
    });
    expect(native[4]).toBeLessThan(native[0]!);
    native.forEach((loss, i) => {
      expect(loss).toBeCloseTo(plain[i]!, 4);
    });
  });

  it('computes in threads, two at once, what it computes here', async () => {
    const directory = await smallModelDirectory();
    const model = await loadModel(directory, { backend: 'tensorflow', threads: 2 });
    expect(model.backend).toBe('tensorflow');
    await useBackend('tensorflow');
    const here = await inference(smallNetworks(), model.manifest).attend(overview);
    for (const there of await Promise.all([model.attend(overview), model.attend(overview)])) {
      expect(there.values).toHaveLength(here.values.length);
      there.values.forEach((value, i) => {
        expect(value).toBeCloseTo(here.values[i]!, 6);
      });
    }
    await model.close();
    await rm(directory, { recursive: true });
  });
});
