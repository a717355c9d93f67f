import { Worker } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundledModel } from '../../src/config.ts';
import { useBackend } from '../../src/model/backend.ts';
import { device } from '../../src/model/device.ts';
import { draw } from '../../src/model/estimators/draw.ts';
import { inference } from '../../src/model/inference.ts';
import { loadNetworks } from '../../src/model/load-networks.ts';
import type { Backend, Draw, Verdict } from '../../src/model/model.ts';
import { readManifest } from '../../src/model/read-manifest.ts';
import { takeValues } from '../../src/model/take-values.ts';
import { usage } from '../../src/model/usage.ts';
import { uniform } from '../../src/random.ts';
import type { AttentionMap, Raster } from '../../src/scene.ts';
import { parts, softwareVulkan } from '../setup/parts.ts';

/** Swell and noise, of which every place looks different; a strip of the left has no data. */
function sea(side: number, key: number): Raster {
  const data = Uint8Array.from({ length: side * side * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % side, Math.floor(i / 3 / side)];
    return 90 + 60 * Math.sin(x / 7 + (i % 3)) * Math.cos(y / 9) + 40 * uniform([key, key], i);
  });
  const valid = Uint8Array.from({ length: side * side }, (_, i) => (i % side < 6 ? 0 : 1));
  return { data, width: side, height: side, bands: 3, valid };
}

describe.skipIf(!parts.webgpu)('useBackend with webgpu, needs webgpu', () => {
  const overview = sea(64, 1);
  type Seen = { readonly map: AttentionMap; readonly places: Draw; readonly verdict: Verdict };
  let wasm: Seen;
  let webgpu: Seen;
  let left: number;

  beforeAll(async () => {
    Object.assign(process.env, softwareVulkan);
    wasm = await see('wasm');
    webgpu = await see('webgpu');
  });

  /** Attends to the overview, and looks at patches where wasm's draw is. */
  async function see(backend: Backend): Promise<Seen> {
    await useBackend(backend);
    const { manifest } = await readManifest(bundledModel);
    const { attend, look } = inference(await loadNetworks(bundledModel, manifest), manifest);
    const before = tf.memory().numTensors;
    const map = await attend(overview);
    const places = draw(map, { ...manifest.draw, seed: 3, key: ['webgpu'] });
    const patches = places.cells.map(({ cell }) => sea(manifest.patch.size, cell));
    const verdict = await look(patches, wasm?.places ?? places);
    left = tf.memory().numTensors - before;
    return { map, places, verdict };
  }

  it('attends as wasm does, to 1e-3 of each value, and draws the same places from it', () => {
    expect(webgpu.map.values).toHaveLength(wasm.map.values.length);
    const off = webgpu.map.values.map((a, i) => Math.abs(a - wasm.map.values[i]!) / (wasm.map.values[i] || 1));
    expect(Math.max(...off)).toBeLessThan(1e-3);
    expect(webgpu.places.cells.map(({ cell }) => cell)).toEqual(wasm.places.cells.map(({ cell }) => cell));
  });

  it('answers as wasm does, to 1e-3', () => {
    for (const name of ['probabilities', 'pulls'] as const) {
      expect(webgpu.verdict[name]).toHaveLength(wasm.verdict[name].length);
      const off = webgpu.verdict[name].map((value, i) => Math.abs(value - wasm.verdict[name][i]!));
      expect(Math.max(...off)).toBeLessThan(1e-3);
    }
    expect(Math.abs(webgpu.verdict.standardError - wasm.verdict.standardError)).toBeLessThan(1e-3);
  });

  it('leaves no tensor behind', () => {
    expect(left).toBe(0);
  });

  it('says that it computes on the CPU, and takes no memory of a GPU', async () => {
    expect(await device('webgpu')).toEqual({
      kind: 'cpu',
      name: expect.stringMatching(/SwiftShader/),
      build: null,
      gpuMemory: null,
    });
    expect(usage().gpuBytes).toBeUndefined();
  });

  it('ends its thread when the device is lost, so that another can start with a new one', async () => {
    const backend = new URL('../../dist/model/backend.js', import.meta.url).href;
    const thread = new Worker(
      `import('${backend}').then(async ({ useBackend }) => {
        await useBackend('webgpu');
        require('@tensorflow/tfjs-core').backend().device.destroy();
      });
      setInterval(() => {}, 1000);`,
      { eval: true },
    );
    const error = await new Promise<Error>((resolve) => thread.once('error', resolve));
    expect(error.message).toMatch(/^webgpu has lost its device: /);
  });

  it('fails to read what could not be computed, and computes on', async () => {
    const sum = (...shape: [number, number]) => takeValues(tf.tidy(() => tf.sum(tf.fill(shape, 1))));
    // 1.6 GB are more than a buffer of this driver can hold.
    await expect(sum(20_000, 20_000)).rejects.toThrow(/^webgpu could not compute: Buffer size \(1600000000\) exceeds/);
    expect(await sum(1000, 2)).toEqual(Float32Array.of(2000));
  });

  it('gives memory back that it has freed, once that is much', async () => {
    const allocated = () => Reflect.get(tf.memory(), 'numBytesAllocatedInGPU');
    for (let n = 0; n < 20; n += 1) {
      const length = 2 ** 22 + n; // 16 MB, each time of another size
      const last = tf.tidy(() => tf.slice(tf.tensor1d(new Float32Array(length).fill(n)), [length - 1], [1]));
      expect(await takeValues(last)).toEqual(Float32Array.of(n));
      expect(allocated()).toBeLessThan(300 * 2 ** 20);
    }
    expect(allocated()).toBeGreaterThan(0);
  });
});
