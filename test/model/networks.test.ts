import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyNetwork } from '../../src/model/apply-network.ts';
import { useBackend } from '../../src/model/backend.ts';
import type { Backend } from '../../src/model/model.ts';
import { loadNetwork, saveNetwork } from '../../src/model/network-files.ts';
import { buildNetwork, type LayerDescription } from '../../src/model/networks.ts';
import { randomKey, uniform } from '../../src/random.ts';
import { parts } from '../setup/parts.ts';

const conv = (filters: number, settings: object = {}) => ({ conv: { filters, kernel: 3, ...settings } });
const same = { padding: 'same' as const };

/** Between them, every kind of layer with every setting. */
const everyKind: Record<string, { position?: boolean; layers: LayerDescription[] }> = {
  padded: {
    layers: [
      conv(4, { ...same, activation: 'tanh', l2: 1e-3 }),
      conv(3, { ...same, stride: 2, bias: false }),
      { globalMaxPool: true },
    ],
  },
  'pooled and dilated': {
    layers: [
      { averagePool: 2 },
      conv(4, { dilation: 2 }),
      { maxPool: { size: 3, stride: 2, ...same } },
      { averagePool: { size: 3, stride: 1, ...same } },
      { flatten: true },
      { dense: { units: 5, l2: 1e-3 } },
      { dense: { units: 4, bias: false, activation: 'tanh' } },
    ],
  },
  residual: {
    layers: [
      conv(4, { activation: 'linear' }),
      { batchNorm: { momentum: 0.9 } },
      { activation: 'relu' },
      { residual: { layers: [conv(4, same), { batchNorm: {} }] } },
      { residual: { layers: [conv(6, { stride: 2 }), conv(6)], shortcut: [conv(6, { kernel: 1, stride: 2 })] } },
      { globalAveragePool: true },
    ],
  },
  'told where its patches lie': { position: true, layers: [conv(4), { globalMaxPool: true }, { dense: { units: 5 } }] },
};

const SIDE = 21;

function noise(...shape: number[]): tf.Tensor {
  const key = randomKey('noise', ...shape);
  const size = shape.reduce((product, n) => product * n, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => uniform(key, i) * 2 - 1),
    shape,
  );
}

const build = (name: string, seed = 1) => {
  const { layers, position = false } = everyKind[name]!;
  return buildNetwork('feature', [SIDE, SIDE, 2], layers, seed, { position });
};

describe('buildNetwork', () => {
  let folder: string;
  beforeAll(async () => {
    await useBackend('cpu');
    folder = await mkdtemp(join(tmpdir(), 'saccade-networks-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const answer = async (name: string, backend: Backend) => {
    await useBackend(backend);
    const loaded = await loadNetwork(join(folder, `${name}.json`));
    const patches = noise(3, SIDE, SIDE, 2);
    const given = loaded.inputs.length === 2 ? [patches, tf.abs(noise(3, 2))] : patches;
    return Array.from(await applyNetwork(loaded, given).data());
  };

  const saysTheSame = async (name: string, backend: Backend) => {
    await useBackend('cpu');
    const network = build(name);
    // Notes of batch norms as after training, on which they go.
    network.setWeights(network.getWeights().map((w) => (w.rank === 1 ? tf.abs(noise(...w.shape)) : w)));
    await saveNetwork(network, folder, `${name}.json`);
    const [wanted, said] = [await answer(name, 'cpu'), await answer(name, backend)];
    expect(new Set(wanted.map((value) => value.toFixed(6))).size).toBeGreaterThan(2);
    expect(said).toHaveLength(wanted.length);
    said.forEach((value, i) => {
      expect(Math.abs(value - wanted[i]!)).toBeLessThan(1e-4);
    });
  };

  for (const name of Object.keys(everyKind)) {
    it(`makes networks that say on wasm what they say on cpu, once saved, to 1e-4: ${name}`, () =>
      saysTheSame(name, 'wasm'));
    it.skipIf(!parts.tensorflow)(`and on native TensorFlow, needs tensorflow: ${name}`, () =>
      saysTheSame(name, 'tensorflow'),
    );
  }

  it('gives the same weights for the same seed, and others for another', () => {
    for (const name of Object.keys(everyKind)) {
      const weights = (seed: number) =>
        build(name, seed)
          .getWeights()
          .map((w) => Array.from(w.dataSync()));
      expect(weights(1)).toEqual(weights(1));
      expect(weights(1)).not.toEqual(weights(2));
    }
  });

  it('gives no two layers of a network the same weights, in branches neither', () => {
    const network = build('residual');
    const kernels = network.layers
      .filter((layer) => layer.getClassName() === 'Conv2D')
      .map((layer) => layer.getWeights()[0]!);
    const starts = kernels.map((kernel) => Array.from(kernel.dataSync().slice(0, 8)).join());
    expect(new Set(starts).size).toBe(kernels.length);
  });

  it('charges the squares of kernels as they say, and nothing else', () => {
    const penalty = (name: string) =>
      build(name)
        .calculateLosses()
        .reduce((sum, loss) => sum + loss.dataSync()[0]!, 0);
    const network = build('padded');
    const squares = tf.sum(tf.square(network.layers[1]!.getWeights()[0]!)).dataSync()[0]!;
    expect(penalty('padded')).toBeCloseTo(1e-3 * squares, 6);
    expect(penalty('residual')).toBe(0);
  });

  it('refuses a residual block whose branches lie over different pixels, and a position that nothing can join', () => {
    const shifted = [{ residual: { layers: [conv(2, { kernel: 2 })] } }];
    expect(() => buildNetwork('feature', [9, 9, 2], shifted, 1)).toThrow('do not lie over the same pixels');
    const strided = [{ residual: { layers: [conv(2, { stride: 2, ...same })] } }];
    expect(() => buildNetwork('feature', [9, 9, 2], strided, 1)).toThrow('do not lie over the same pixels');
    expect(() => buildNetwork('feature', [9, 9, 2], [conv(2)], 1, { position: true })).toThrow('position');
  });
});
