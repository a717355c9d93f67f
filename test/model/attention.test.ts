import * as tf from '@tensorflow/tfjs-core';
import { initializers, type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundledModel } from '../../src/config.ts';
import { attentionInStrips, attentionMaps, showOverviews } from '../../src/model/attention.ts';
import { useBackend } from '../../src/model/backend.ts';
import { loadNetworks } from '../../src/model/load-networks.ts';
import { buildNetwork } from '../../src/model/networks.ts';
import { readManifest } from '../../src/model/read-manifest.ts';
import type { Raster } from '../../src/scene.ts';
import { smallRaster } from '../fakes/small-networks.ts';
import { parts } from '../setup/parts.ts';

const bands = ['red', 'green', 'blue'].map((name) => ({ name, scale: 1 / 128, offset: -1 }));
const settings = { bands, attention: { smoothing: 1e-4 } };

/** Noise of three bands, the same for the same size. */
function overview(width: number, height: number, valid?: (x: number, y: number) => boolean): Raster {
  const { data } = smallRaster(width * 3, height);
  const mask = valid && Uint8Array.from({ length: width * height }, (_, i) => +valid(i % width, Math.floor(i / width)));
  return { data, width, height, bands: 3, ...(mask && { valid: mask }) };
}

/** What the experiments cannot describe, but another maker of models may: padding, strides, pools that overlap. */
function padded(): LayersModel {
  const padding = 'same';
  const kernelInitializer = initializers.heNormal({ seed: 5 });
  const convolution = { filters: 4, kernelSize: 3, padding, kernelInitializer } as const;
  return sequential({
    layers: [
      layers.conv2d({ ...convolution, inputShape: [null, null, 3], activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 3, strides: 2, padding }),
      layers.conv2d({ ...convolution, strides: 2 }),
      layers.conv2d({ ...convolution, filters: 1, padding: 'valid' }),
    ],
  });
}

/** Residual blocks as the experiments describe them, padded and cut to fit. */
function residual(): LayersModel {
  const conv = (filters: number, settings: object = {}) => ({ conv: { filters, kernel: 3, ...settings } });
  const layers = [
    conv(4),
    { residual: { layers: [conv(4, { padding: 'same' })] } },
    { residual: { layers: [conv(6, { stride: 2 }), conv(6)], shortcut: [conv(6, { kernel: 1, stride: 2 })] } },
    conv(1, { activation: 'linear' }),
  ];
  return buildNetwork('residual', [null, null, 3], layers, 4);
}

async function bundled(): Promise<LayersModel> {
  const { manifest } = await readManifest(bundledModel);
  return (await loadNetworks(bundledModel, manifest)).attention;
}

/** Values of the whole pass, and of strips of so many pixels. */
function both(network: LayersModel, scene: Raster, stripPixels: number): [Float32Array, Float32Array] {
  return tf.tidy(() => {
    const whole = attentionMaps(network, showOverviews(network, [scene], settings.bands), settings.attention);
    const strips = attentionInStrips(network, scene, settings, stripPixels);
    expect([strips.width, strips.height]).toEqual([whole.width, whole.height]);
    return [whole.values.dataSync<'float32'>(), strips.values.dataSync<'float32'>()];
  });
}

const scenes: Readonly<Record<string, Raster>> = {
  'an overview': overview(61, 83),
  'one of which only a part has data': overview(64, 90, (x, y) => x + y > 60 && (x * y) % 17 > 0),
};

function agrees(backend: 'wasm' | 'tensorflow') {
  it(`gives on ${backend} the values of the whole pass, however thin the strips`, async () => {
    await useBackend(backend);
    for (const network of [await bundled(), padded(), residual()]) {
      for (const [name, scene] of Object.entries(scenes)) {
        for (const rows of [1, 20, 33, 64, 200]) {
          const [whole, strips] = both(network, scene, rows * (scene.width + 20));
          // All values of a map share a factor, so that differences of their logarithms are differences of logits.
          whole.forEach((value, cell) => {
            const other = strips[cell] as number;
            if (value === 0) expect([name, rows, other]).toEqual([name, rows, 0]);
            else expect([name, rows, Math.abs(Math.log(value / other)) <= 1e-6]).toEqual([name, rows, true]);
          });
          if (backend !== 'tensorflow') expect(strips).toEqual(whole);
        }
      }
    }
  });
}

describe('attentionInStrips', () => {
  agrees('wasm');
  describe.skipIf(!parts.tensorflow)('on native TensorFlow, needs tensorflow', () => agrees('tensorflow'));

  describe('on wasm', () => {
    beforeAll(async () => {
      await useBackend('wasm');
    });

    /** The most bytes that tensors took at a time while an overview of this height was attended to. */
    const peak = async (network: LayersModel, height: number, stripPixels: number) => {
      const scene = overview(128, height);
      const { peakBytes } = await tf.profile(() =>
        tf.tidy(() => void attentionInStrips(network, scene, settings, stripPixels)),
      );
      return peakBytes - tf.memory().numBytes;
    };

    it('holds no more for an overview that is eight times as high, but for its cells', async () => {
      const network = await bundled();
      const [low, high] = [await peak(network, 128, 2 ** 13), await peak(network, 1024, 2 ** 13)];
      const cells = ((1024 - 128) * 128) / 4 ** 2;
      expect(high - low).toBeLessThan(cells * 4 * 8); // logits, mask and what softmax makes of them
      expect(await peak(network, 1024, 2 ** 20)).toBeGreaterThan(4 * high);
    });

    it('holds at most 220 bytes a pixel of a strip of the bundled network', async () => {
      const [least, more] = [await peak(await bundled(), 1024, 2 ** 14), await peak(await bundled(), 1024, 2 ** 16)];
      expect((more - least) / (2 ** 16 - 2 ** 14)).toBeLessThan(220);
    });

    it('shows the overview of a scene of 4096² at once, and larger ones in more than one strip', async () => {
      const network = await bundled();
      const steps = async (side: number) => {
        const attend = () => void attentionInStrips(network, overview(side, side), settings);
        return (await tf.profile(() => tf.tidy(attend))).kernels.length;
      };
      expect(await steps(256)).toBe(await steps(64));
      expect(await steps(512)).toBeGreaterThan(await steps(256));
    });
  });
});
