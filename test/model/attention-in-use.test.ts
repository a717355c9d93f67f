import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { attentionInStrips } from '../../src/model/attention.ts';
import { attentionInUse } from '../../src/model/attention-in-use.ts';
import { useBackend } from '../../src/model/backend.ts';
import { buildNetwork } from '../../src/model/networks.ts';
import { reflectRaster } from '../../src/model/reflect-raster.ts';
import type { Raster } from '../../src/scene.ts';
import { smallRaster } from '../fakes/small-networks.ts';

const bands = [{ name: 'grey', scale: 1 / 128, offset: -1 }];
const plain = { bands, attention: { smoothing: 1e-3 } };
const mirrored = { bands, attention: { smoothing: 1e-3, mirrored: true } };

type Map = { readonly values: number[]; readonly width: number; readonly height: number };
const mapOf = (attend: typeof attentionInStrips, network: LayersModel, overview: Raster, settings: typeof plain): Map =>
  tf.tidy(() => {
    const { values, width, height } = attend(network, overview, settings);
    return { values: Array.from(values.dataSync()), width, height };
  });
const reversed = ({ values, width, height }: Map) =>
  Array.from({ length: height }, (_, row) => values.slice(row * width, (row + 1) * width).reverse()).flat();

/** Cells every 4 pixels of what lies left, middle and right of each; padded networks have them nearer to one side. */
const network = (padding: 'same' | 'valid') => {
  const description = [
    { conv: { filters: 4, kernel: 5, stride: 2, padding } },
    { conv: { filters: 1, kernel: 3, stride: 2, padding, activation: 'linear' } },
  ] as const;
  return buildNetwork('attention', [null, null, 1], [...description], 3);
};

/** The same whichever side is left. */
function symmetric(): LayersModel {
  const model = sequential({
    layers: [layers.conv2d({ inputShape: [null, null, 1], filters: 1, kernelSize: [3, 5], strides: 3 })],
  });
  const kernel = [0.3, -0.1, 0.7, -0.1, 0.3, 0.2, 0.5, -0.4, 0.5, 0.2, -0.6, 0.1, 0.1, 0.1, -0.6];
  model.setWeights([tf.tensor4d(kernel, [3, 5, 1, 1]), tf.tensor1d([0])]);
  return model;
}

describe('attentionInUse', () => {
  beforeAll(() => useBackend('wasm'));

  it('is the attention to the overview where a model does not ask for more', () => {
    const overview = smallRaster(40, 24);
    const own = mapOf(attentionInStrips, network('same'), overview, plain);
    expect(mapOf(attentionInUse, network('same'), overview, plain)).toEqual(own);
  });

  it('is the mean of what the network says of both, where the cells lie alike from both sides', () => {
    const [valid, overview] = [network('valid'), smallRaster(39, 23)]; // with 3 mirrored at each side 45 = 9 · 4 + 9
    const own = mapOf(attentionInStrips, valid, overview, plain);
    const other = reversed(mapOf(attentionInStrips, valid, reflectRaster(overview, 38), plain));
    const { values } = mapOf(attentionInUse, valid, overview, mirrored);
    for (const [cell, value] of values.entries())
      expect(value).toBeCloseTo(((own.values[cell] as number) + (other[cell] as number)) / 2, 6);
  });

  it.each([38, 39, 40, 41, 42])(
    'sees with a network that takes left for right what it sees without, %i wide',
    (width) => {
      const overview = smallRaster(width, 30);
      const own = mapOf(attentionInStrips, symmetric(), overview, plain);
      const both = mapOf(attentionInUse, symmetric(), overview, mirrored);
      // At the border a cell sees mirrored columns, and those of the mirror image may begin one further on.
      const inside = (cell: number) => cell % own.width > 0 && cell % own.width < own.width - 1;
      const ratio = (both.values[1] as number) / (own.values[1] as number); // what the border changed changes all alike
      own.values.forEach((value, cell) => {
        if (inside(cell)) expect((both.values[cell] as number) / value).toBeCloseTo(ratio, 3);
      });
      expect(Math.abs(ratio - 1)).toBeLessThan(0.2);
    },
  );

  it.each(['same', 'valid'] as const)('is a distribution over the cells with data alone, %s', (padding) => {
    const valid = Uint8Array.from({ length: 43 * 24 }, (_, i) => (i % 43 > 20 ? 1 : 0));
    const overview = { ...smallRaster(43, 24), valid };
    const own = mapOf(attentionInStrips, network(padding), overview, plain);
    const both = mapOf(attentionInUse, network(padding), overview, mirrored);
    expect(both.values.map((value) => value > 0)).toEqual(own.values.map((value) => value > 0));
    expect(own.values.includes(0)).toBe(true);
    expect(both.values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
  });

  it('leaves no tensor behind', () => {
    const [same, overview] = [network('same'), smallRaster(40, 24)];
    mapOf(attentionInUse, same, overview, mirrored);
    const before = tf.memory().numTensors;
    mapOf(attentionInUse, same, overview, mirrored);
    expect(tf.memory().numTensors).toBe(before);
  });
});
