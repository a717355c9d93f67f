import type { Networks } from '../../src/model/inference.ts';
import { buildNetwork } from '../../src/model/networks.ts';
import { randomKey, uniform } from '../../src/random.ts';
import type { Raster } from '../../src/scene.ts';

/** Three tiny untrained networks over one band: they compute like large ones, in no time. */
export function smallNetworks(): Networks {
  const convolution = (filters: number, activation: 'relu' | 'linear') => ({
    conv: { filters, kernel: 3, stride: 1, activation },
  });
  return {
    attention: buildNetwork('attention', [null, null, 1], [convolution(1, 'linear'), { maxPool: 2 }], 1),
    feature: buildNetwork('feature', [8, 8, 1], [convolution(6, 'relu'), { globalMaxPool: true }], 2),
    head: buildNetwork('head', [6], [{ dense: { units: 3, activation: 'linear' } }], 3),
  };
}

/** Noise of one band, the same for the same seed. */
export function smallRaster(width: number, height: number, seed = 0): Raster {
  const key = randomKey('raster', seed);
  return {
    data: Uint8Array.from({ length: width * height }, (_, i) => uniform(key, i) * 256),
    width,
    height,
    bands: 1,
  };
}
