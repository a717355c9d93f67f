import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { applyNetwork } from '../../src/model/apply-network.ts';
import { buildNetwork, type LayerDescription } from '../../src/model/networks.ts';
import { readExperiment } from '../../src/training/experiment.ts';
import { foldBatchNorms } from '../../src/training/fold-batch-norms.ts';

const linear = { activation: 'linear' as const };
const conv = (filters: number, settings: object = {}) => ({ conv: { filters, kernel: 3, ...linear, ...settings } });
const norm = { batchNorm: {} };
const relu = { activation: 'relu' as const };

/** As after training: every weight and every note of a batch norm is its own. */
function trained(network: LayersModel): LayersModel {
  network.setWeights(
    network.getWeights().map((weight, index) => {
      const isPositive = /variance|gamma/.test(network.weights[index]!.originalName);
      return isPositive
        ? tf.randomUniform(weight.shape, 0.3, 3, 'float32', index)
        : tf.randomNormal(weight.shape, 0, 0.4, 'float32', index);
    }),
  );
  return network;
}

function kindsOf(network: LayersModel): string[] {
  return network.layers.map((layer) => layer.getClassName());
}

/** Largest difference of what both say of noise, over the size of what they say. */
function difference(network: LayersModel, other: LayersModel, shape: number[]): number {
  return tf.tidy(() => {
    const inputs = [tf.randomUniform([6, ...shape], -1, 1, 'float32', 5), tf.randomUniform([6, 2], 0, 1, 'float32', 6)];
    const given = network.inputs.length === 1 ? inputs[0]! : inputs;
    const [one, two] = [applyNetwork(network, given), applyNetwork(other, given)];
    expect(one.shape).toEqual(two.shape);
    return tf.div(tf.max(tf.abs(tf.sub(one, two))), tf.max(tf.abs(one))).dataSync()[0]!;
  });
}

describe('foldBatchNorms', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it("leaves none in the paper's pre-activation residual network, which answers the same without them to 1e-5", async () => {
    const { model } = await readExperiment('experiments/swedish-traffic-signs.yaml');
    const network = trained(buildNetwork('feature', [20, 20, 3], model.networks.feature, 1));
    expect(kindsOf(network).filter((kind) => kind === 'BatchNormalization')).toHaveLength(7);
    const folded = foldBatchNorms(network, model.networks.feature);
    expect(kindsOf(folded)).not.toContain('BatchNormalization');
    expect(difference(network, folded, [20, 20, 3])).toBeLessThan(1e-5);
  });

  const cases: Record<string, { layers: LayerDescription[]; left: number }> = {
    'behind a convolution with a bias': { layers: [conv(4), norm, relu], left: 0 },
    'behind a dense layer without one': {
      layers: [{ flatten: true }, { dense: { units: 3, bias: false, ...linear } }, norm],
      left: 0,
    },
    'two in a row': { layers: [conv(4), norm, norm], left: 0 },
    'on the input': { layers: [norm, conv(4)], left: 1 },
    'behind an activation': { layers: [conv(4, relu), norm], left: 1 },
    'behind a pool': { layers: [conv(4), { averagePool: 2 }, norm], left: 1 },
    'behind a residual block, part of which is looked at by others': {
      layers: [conv(4), relu, { residual: { layers: [conv(4), norm, relu, conv(4)] } }, norm],
      left: 1,
    },
    'behind a residual block of convolutions, unpadded': {
      layers: [conv(2), { residual: { layers: [relu, conv(4)], shortcut: [conv(4, { kernel: 1 })] } }, norm, relu],
      left: 0,
    },
  };
  for (const [name, { layers, left }] of Object.entries(cases)) {
    it(`folds or keeps a batch norm ${name}, and the network answers the same`, () => {
      const network = trained(buildNetwork('feature', [9, 9, 2], layers, 1));
      const folded = foldBatchNorms(network, layers);
      expect(kindsOf(folded).filter((kind) => kind === 'BatchNormalization')).toHaveLength(left);
      expect(difference(network, folded, [9, 9, 2])).toBeLessThan(1e-5);
    });
  }

  it('keeps the second input of a network that is told where its patches lie', () => {
    const layers = [conv(4), norm, { globalAveragePool: true as const }, { dense: { units: 3 } }];
    const network = trained(buildNetwork('feature', [9, 9, 2], layers, 1, { position: true }));
    const folded = foldBatchNorms(network, layers, { position: true });
    expect(folded.inputs).toHaveLength(2);
    expect(difference(network, folded, [9, 9, 2])).toBeLessThan(1e-5);
  });

  it('leaves the trained network as it was, and no tensors but the weights of the new one', () => {
    const layers = [conv(4), norm];
    const network = trained(buildNetwork('feature', [9, 9, 2], layers, 1));
    const before = {
      tensors: tf.memory().numTensors,
      weights: network.getWeights().map((w) => Array.from(w.dataSync())),
    };
    const folded = foldBatchNorms(network, layers);
    expect(tf.memory().numTensors).toBe(before.tensors + 2);
    folded.dispose();
    expect(tf.memory().numTensors).toBe(before.tensors);
    expect(network.getWeights().map((w) => Array.from(w.dataSync()))).toEqual(before.weights);
  });
});
