import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { axisGeometry } from '../../src/model/geometry.ts';
import { buildNetwork, type LayerDescription } from '../../src/model/networks.ts';
import { windowStack } from '../../src/model/window-stack.ts';
import { expectExactGeometry } from './expect-exact-geometry.ts';

const conv = (kernel: number, settings: { stride?: number; dilation?: number; padding?: 'same' } = {}) => ({
  conv: { filters: 2, kernel, ...settings },
});
const same = { padding: 'same' as const };
const preActivation: LayerDescription[] = [{ batchNorm: {} }, { activation: 'relu' }];

const described: Record<string, { width: number; network: LayerDescription[] }> = {
  'padded, as for Megapixel MNIST': { width: 15, network: [conv(3, same), conv(3, same), conv(3, same)] },
  'unpadded and pooled, as for the speed limits': {
    width: 32,
    network: [conv(3), conv(3), conv(3), conv(3), { maxPool: 8 }],
  },
  'average pools that overlap, and pools that pad': {
    width: 35,
    network: [{ averagePool: { size: 3, stride: 2 } }, conv(3), { maxPool: { size: 3, stride: 2, padding: 'same' } }],
  },
  dilated: { width: 30, network: [conv(3), conv(3, { dilation: 3 }), conv(3, { dilation: 2 })] },
  'a residual block, padded': {
    width: 14,
    network: [conv(3), ...preActivation, { residual: { layers: [conv(3, same), conv(3, same)] } }],
  },
  'a residual block, unpadded': {
    width: 20,
    network: [{ residual: { layers: [conv(3), conv(5)], shortcut: [conv(1)] } }],
  },
  'a residual block, unpadded, dilated and strided, over an even size': {
    width: 38,
    network: [
      conv(3),
      { residual: { layers: [conv(3, { stride: 2 }), conv(3, { dilation: 2 })], shortcut: [conv(1, { stride: 2 })] } },
      { averagePool: 2 },
    ],
  },
  'a residual block, padded and strided, over an odd size': {
    width: 33,
    network: [{ residual: { layers: [conv(3, { stride: 2, ...same })], shortcut: [conv(1, { stride: 2, ...same })] } }],
  },
};

/** All kernels to 1: what a cell sees, it answers. */
function positive(network: layers.LayersModel): layers.LayersModel {
  for (const layer of network.layers) {
    if (layer.getClassName() !== 'Conv2D') continue;
    layer.setWeights(layer.getWeights().map((weight, i) => (i === 0 ? tf.onesLike(weight) : tf.zerosLike(weight))));
  }
  return network;
}

/** Adds up the channels, so that the output has one. */
const ONE: LayerDescription = { conv: { filters: 1, kernel: 1, activation: 'linear' } };

describe('windowStack', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  for (const [name, { network, width }] of Object.entries(described)) {
    it(`tells which pixels each cell looks at: ${name}`, () => {
      expectExactGeometry(positive(buildNetwork('attention', [null, null, 1], [...network, ONE], 1)), width);
    });
  }

  const functional = (build: (input: layers.SymbolicTensor) => unknown) => {
    const inputs = layers.input({ shape: [null, null, 1] });
    return layers.model({ inputs, outputs: build(inputs) as layers.SymbolicTensor });
  };
  const convolve = (below: unknown, kernelSize: number, settings: object = {}) =>
    layers.layers
      .conv2d({ filters: 1, kernelSize, useBias: false, ...settings })
      .apply(below as layers.SymbolicTensor) as layers.SymbolicTensor;

  it('follows branches that cross, as in dense networks', () => {
    const dense = functional((input) => {
      const first = convolve(input, 3, same);
      const second = convolve(layers.layers.concatenate().apply([input, first]), 3, same);
      return convolve(layers.layers.concatenate().apply([input, first, second]), 3);
    });
    expectExactGeometry(positive(dense), 17);
  });

  it('follows parallel views of different reach', () => {
    const views = functional((input) => {
      const reduced = convolve(input, 2, { strides: 2 });
      const seen = [1, 2, 3].map((dilationRate) => convolve(reduced, 3, { dilationRate, ...same }));
      return layers.layers.maximum().apply(seen);
    });
    expectExactGeometry(positive(views), 26);
  });

  it('knows padding and cropping by layers of their own', () => {
    const padded = functional((input) => {
      const wider = layers.layers
        .zeroPadding2d({
          padding: [
            [2, 2],
            [2, 2],
          ],
        })
        .apply(input);
      const cut = layers.layers
        .cropping2D({
          cropping: [
            [1, 1],
            [1, 1],
          ],
        })
        .apply(convolve(wider, 3));
      return convolve(cut, 2, { strides: 2 });
    });
    expectExactGeometry(positive(padded), 20);
  });

  it('refuses branches that lie over different pixels, with the numbers', () => {
    const strided = buildNetwork(
      'attention',
      [null, null, 1],
      [...described['a residual block, padded and strided, over an odd size']!.network, ONE],
      1,
    );
    // Over an even size the 3 × 3 windows of stride 2 begin at pixel 0 and the 1 × 1 ones do, too: half a pixel apart.
    expect(() => axisGeometry(windowStack(strided).x, 32)).toThrow(
      'branches of the network do not lie over the same pixels: 16 cells at 1.5 + 2i pixels, 16 cells at 0.5 + 2i pixels',
    );
    const shifted = functional((input) =>
      layers.layers.add().apply([convolve(input, 3, same), convolve(input, 2, same)]),
    );
    expect(() => axisGeometry(windowStack(shifted).x, 20)).toThrow(TypeError);
  });

  it('refuses a layer of which it does not know the view, and one that is used twice', () => {
    const flat = layers.sequential({ layers: [layers.layers.flatten({ inputShape: [4, 4, 1] })] });
    expect(() => windowStack(flat)).toThrow('Flatten');
    const turned = functional((input) => layers.layers.upSampling2d({ size: [2, 2] }).apply(input));
    expect(() => windowStack(turned)).toThrow('UpSampling2D');
    const first = functional((input) => layers.layers.maxPooling2d({ dataFormat: 'channelsFirst' }).apply(input));
    expect(() => windowStack(first)).toThrow('channels first');
    const twice = functional((input) => {
      const layer = layers.layers.conv2d({ filters: 1, kernelSize: 3, padding: 'same', name: 'again' });
      return layer.apply(layer.apply(input) as layers.SymbolicTensor);
    });
    expect(() => windowStack(twice)).toThrow('again');
  });
});
