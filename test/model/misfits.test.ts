import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { layers, model, type SymbolicTensor, sequential } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Networks } from '../../src/model/inference.ts';
import { misfits } from '../../src/model/misfits.ts';
import { buildNetwork, type LayerDescription } from '../../src/model/networks.ts';
import { fakeManifest } from '../fakes/fake-model.ts';
import { smallNetworks } from '../fakes/small-networks.ts';

const manifest = {
  ...fakeManifest,
  bands: [{ name: 'grey', scale: 1, offset: 0 }],
  patch: { size: 8 },
  classes: ['none', 'one', 'other'],
};
const conv = (filters: number, settings: { kernel?: number; stride?: number; padding?: 'same' } = {}) => ({
  conv: { filters, kernel: 3, activation: 'linear' as const, ...settings },
});
const withOne = (change: Partial<Networks>) => misfits({ ...smallNetworks(), ...change }, manifest);

describe('misfits', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('finds none in networks that fit, nor in those that others made of layers of their own', () => {
    expect(misfits(smallNetworks(), manifest)).toEqual([]);
    const attention = sequential({
      layers: [layers.separableConv2d({ filters: 1, kernelSize: 3, inputShape: [null, null, 1] })],
    });
    const feature = sequential({
      layers: [
        layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 6, inputShape: [null, null, 1] }),
        layers.globalAveragePooling2d({}),
      ],
    });
    expect(withOne({ attention, feature })).toEqual([]);
  });

  it('tells an attention network that gives no map of one channel, or takes other bands or one size only', () => {
    expect(withOne({ attention: buildNetwork('attention', [null, null, 1], [conv(2)], 1) })).toEqual([
      'the attention network gives any × any × 2 a scene, and a map of one channel is wanted',
    ]);
    expect(withOne({ attention: buildNetwork('attention', [null, null, 3], [conv(1)], 1) })).toEqual([
      'the attention network takes any × any × 3, and would be given any × any × 1',
    ]);
    expect(withOne({ attention: buildNetwork('attention', [64, 64, 1], [conv(1)], 1) })).toEqual([
      'the attention network takes 64 × 64 × 1, and would be given any × any × 1',
    ]);
  });

  it('tells an attention network of which it is not known what its cells look at, at some size of overview', () => {
    const strided = { stride: 2, padding: 'same' as const };
    const block: LayerDescription = {
      residual: { layers: [conv(1, strided)], shortcut: [conv(1, { ...strided, kernel: 1 })] },
    };
    expect(withOne({ attention: buildNetwork('attention', [null, null, 1], [block], 1) })).toEqual([
      expect.stringContaining('the attention network: branches of the network do not lie over the same pixels'),
    ]);
  });

  it('tells an attention network whose cells lie too far apart, without trying every size of overview', () => {
    const wide = conv(1, { stride: 2 ** 30, padding: 'same' });
    expect(withOne({ attention: buildNetwork('attention', [null, null, 1], [wide], 1) })).toEqual([
      'the attention network: its cells lie 1073741824 pixels of overview apart, 4096 at most are of use',
    ]);
  });

  it('tells a feature network that takes other patches, or is told where they lie against what the manifest says', () => {
    const global: LayerDescription = { globalMaxPool: true };
    const of = (side: number, options = {}) => buildNetwork('feature', [side, side, 1], [conv(6), global], 1, options);
    expect(withOne({ feature: of(9) })).toEqual(['the feature network takes 9 × 9 × 1, and would be given 8 × 8 × 1']);
    expect(withOne({ feature: of(8, { position: true }) })).toEqual([
      'the feature network takes 8 × 8 × 1 and 2, and would be given 8 × 8 × 1',
      'the head takes 6, and would be given 8',
    ]);
    const placed = { ...manifest, features: { normalise: false, position: true } };
    expect(misfits(smallNetworks(), placed)).toEqual([
      'the feature network takes 8 × 8 × 1, and would be given 8 × 8 × 1 and 2',
    ]);
    expect(withOne({ feature: buildNetwork('feature', [8, 8, 1], [conv(6)], 1) })).toEqual([
      'the feature network gives 6 × 6 × 6 a patch, and a plain list of numbers is wanted',
    ]);
  });

  it('tells a head of another number of classes, of other features, or one that does not give logits', () => {
    const dense = (input: number, units: number, activation: 'linear' | 'softmax' = 'linear') =>
      sequential({ layers: [layers.dense({ units, activation, inputShape: [input] })] });
    expect(withOne({ head: dense(5, 2) })).toEqual([
      'the head takes 5, and would be given 6',
      'the head gives 2, and the model has 3 classes: none, one, other',
    ]);
    expect(withOne({ head: dense(6, 3, 'softmax') })).toEqual([expect.stringContaining('ends in a softmax')]);
  });

  it('tells all of them at once, and does not miss networks that are not there', () => {
    const wrong = {
      attention: buildNetwork('attention', [null, null, 1], [conv(2)], 1),
      head: smallNetworks().feature,
    };
    expect(withOne(wrong).length).toBe(3);
    expect(misfits({ attention: wrong.attention }, manifest)).toHaveLength(1);
    expect(misfits({}, manifest)).toEqual([]);
  });

  it('tells a network of two outputs', () => {
    const { inputs, outputs, layers: all } = smallNetworks().attention;
    const twofold = model({ inputs, outputs: [...outputs, all[1]!.output as SymbolicTensor] });
    expect(withOne({ attention: twofold })).toEqual([
      expect.stringContaining('gives any × any × 1 and any × any × 1 a scene'),
      expect.stringContaining('several inputs or outputs'),
    ]);
  });
});
