import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { attentionInStrips } from '../../src/model/attention.ts';
import { attentionInUse } from '../../src/model/attention-in-use.ts';
import { useBackend } from '../../src/model/backend.ts';
import { cellsWithData } from '../../src/model/cells-with-data.ts';
import { gridGeometry } from '../../src/model/geometry.ts';
import { buildNetwork } from '../../src/model/networks.ts';
import { reflectRaster } from '../../src/model/reflect-raster.ts';
import { windowStack } from '../../src/model/window-stack.ts';
import type { Raster } from '../../src/scene.ts';
import { smallRaster } from '../fakes/small-networks.ts';

const bands = [{ name: 'grey', scale: 1 / 128, offset: -1 }];
const plain = { bands, attention: { smoothing: 1e-3 } };
const mirrored = { bands, attention: { smoothing: 1e-3, mirrored: true } };
const magnified = { bands, attention: { smoothing: 1e-3, magnification: 1.4 } };
const both = { bands, attention: { smoothing: 1e-3, magnification: 1.4, mirrored: true } };

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

/** The brighter, the more. */
function bright(): LayersModel {
  const model = sequential({
    layers: [layers.conv2d({ inputShape: [null, null, 1], filters: 1, kernelSize: 3, strides: 3 })],
  });
  model.setWeights([tf.fill([3, 3, 1, 1], 0.6), tf.tensor1d([0])]);
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

  it.each([
    ['same', mirrored],
    ['valid', mirrored],
    ['same', magnified],
    ['valid', magnified],
    ['same', both],
    ['valid', both],
  ] as const)('is a distribution over the cells with data alone: %s %j', (padding, settings) => {
    const valid = Uint8Array.from({ length: 43 * 24 }, (_, i) => (i % 43 > 20 ? 1 : 0));
    const overview = { ...smallRaster(43, 24), valid };
    const own = mapOf(attentionInStrips, network(padding), overview, plain);
    const used = mapOf(attentionInUse, network(padding), overview, settings);
    expect([used.width, used.height]).toEqual([own.width, own.height]);
    expect(used.values.map((value) => value > 0)).toEqual(own.values.map((value) => value > 0));
    expect(own.values.includes(0)).toBe(true);
    expect(used.values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
  });

  it.each([1.1, 1.25, 1.5, 2, 2.7])(
    'has its places where the overview has them, magnified %f times',
    (magnification) => {
      const [width, height] = [90, 70];
      for (const [x, y] of [
        [20, 20],
        [61, 33],
        [45, 52],
      ] as const) {
        const near = (i: number) => Math.hypot((i % width) + 0.5 - x, Math.floor(i / width) + 0.5 - y) < 7;
        const data = Uint8Array.from({ length: width * height }, (_, i) => (near(i) ? 200 : 20));
        const settings = { bands, attention: { smoothing: 1e-3, magnification } };
        const { values, width: columns } = mapOf(attentionInUse, bright(), { data, width, height, bands: 1 }, settings);
        const centreOf = (of: (cell: number) => number) => {
          const weight = values.map((value) => Math.max(value - 0.002, 0)); // without what lies everywhere
          const total = weight.reduce((sum, value) => sum + value, 0);
          return weight.reduce((sum, value, cell) => sum + value * of(cell), 0) / total;
        };
        // A kernel of 3 and a stride of 3 over an input mirrored by none: cell i is centred on 1.5 + 3i.
        expect(Math.abs(centreOf((cell) => 1.5 + 3 * (cell % columns)) - x)).toBeLessThan(1);
        expect(Math.abs(centreOf((cell) => 1.5 + 3 * Math.floor(cell / columns)) - y)).toBeLessThan(1);
      }
    },
  );

  it.each([
    ['same', both],
    ['valid', both],
    ['same', mirrored],
    ['valid', magnified],
  ] as const)(
    'is told of data in one column alone wherever the overview has a cell of it: %s %j',
    (padding, settings) => {
      const [width, height] = [43, 24];
      for (let column = 0; column < width; column += 1) {
        const valid = Uint8Array.from({ length: width * height }, (_, i) => (i % width === column ? 1 : 0));
        const overview = { ...smallRaster(width, height), valid };
        const cells = cellsWithData(gridGeometry(windowStack(network(padding)), overview), overview);
        if (!cells.includes(1)) continue; // is refused, as without a mirror
        const { values } = mapOf(attentionInUse, network(padding), overview, settings);
        expect(values.map((value) => (value > 0 ? 1 : 0))).toEqual([...cells]);
        expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
      }
    },
  );

  it('is even over the cells with data where a sure network has all its attention beside them', () => {
    const [width, height] = [32, 24]; // 10 cells of 3 pixels; the last 2 columns are nobody's, but a cell's where they are magnified to 3
    const valid = Uint8Array.from({ length: width * height }, (_, i) => (i % width === 0 || i % width === 31 ? 1 : 0));
    const data = Uint8Array.from({ length: width * height }, (_, i) => (i % width === 31 ? 255 : 0));
    const sure = bright();
    sure.setWeights([tf.fill([3, 3, 1, 1], 500), tf.tensor1d([0])]);
    const settings = { bands, attention: { smoothing: 1e-3, magnification: 1.5 } };
    const { values } = mapOf(attentionInUse, sure, { data, valid, width, height, bands: 1 }, settings);
    values.forEach((value, cell) => {
      expect(value).toBeCloseTo(cell % 10 === 0 ? 1 / 8 : 0, 6);
    });
  });

  it('leaves no tensor behind', () => {
    const [same, overview] = [network('same'), smallRaster(40, 24)];
    mapOf(attentionInUse, same, overview, both);
    const before = tf.memory().numTensors;
    mapOf(attentionInUse, same, overview, both);
    expect(tf.memory().numTensors).toBe(before);
  });
});
