import '@tensorflow/tfjs-backend-cpu';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { draw } from '../../src/model/estimators/draw.ts';
import { inference } from '../../src/model/inference.ts';
import { loadModel } from '../../src/model/load-model.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import { loadNetwork, saveNetwork } from '../../src/model/network-files.ts';
import { smallModelDirectory } from '../fakes/small-model.ts';
import { smallNetworks, smallRaster } from '../fakes/small-networks.ts';
import { parts, softwareVulkan } from '../setup/parts.ts';

describe('loadModel', () => {
  const directories: string[] = [];
  const fresh = async (...args: Parameters<typeof smallModelDirectory>) => {
    const directory = await smallModelDirectory(...args);
    directories.push(directory);
    return directory;
  };
  beforeAll(async () => {
    await tf.setBackend('cpu');
    Object.assign(process.env, softwareVulkan);
  });
  afterAll(() => Promise.all(directories.map((directory) => rm(directory, { recursive: true }))));

  it('computes in threads what the networks compute here, on wasm to 1e-5', async () => {
    const directory = await fresh();
    const model = await loadModel(directory, { backend: 'wasm', threads: 2 });
    const network = (name: string) => loadNetwork(join(directory, `${name}.json`));
    const here = inference(
      { attention: await network('attention'), feature: await network('feature'), head: await network('head') },
      model.manifest,
    );
    const overview = smallRaster(40, 30);
    const attention = await model.attend(overview);
    const expected = await here.attend(overview);
    expect(attention.values).toHaveLength(expected.values.length);
    attention.values.forEach((value, i) => {
      expect(value).toBeCloseTo(expected.values[i]!, 5);
    });
    const drawn = draw(attention, { estimator: 'systematic', patches: 5, seed: 1, key: [] });
    const patches = drawn.cells.map((_, i) => smallRaster(8, 8, i));
    const [verdict, wanted] = [await model.look(patches, drawn), await here.look(patches, drawn)];
    verdict.probabilities.forEach((p, i) => {
      expect(p).toBeCloseTo(wanted.probabilities[i]!, 5);
    });
    expect(model.backend).toBe('wasm');
    await model.close();
  });

  it('tells which tensors its threads hold: the weights, and no more for each scene', async () => {
    const model = await loadModel(await fresh(), { backend: 'wasm', threads: 1 });
    const weights = model.usage();
    expect(weights).toEqual({ tensors: 6, tensorBytes: 4 * (9 + 1 + 9 * 6 + 6 + 6 * 3 + 3), gpuBytes: undefined });
    for (let n = 0; n < 3; n += 1) {
      const drawn = draw(await model.attend(smallRaster(40, 30)), {
        estimator: 'systematic',
        patches: 5,
        seed: n,
        key: [],
      });
      await model.look(
        drawn.cells.map(() => smallRaster(8, 8)),
        drawn,
      );
      expect(model.usage()).toEqual(weights);
    }
    await model.close();
  });

  describe.skipIf(!parts.webgpu)('on webgpu, needs webgpu', () => {
    it('says that a driver computes on the CPU, and holds no memory of a GPU then', async () => {
      const model = await loadModel(await fresh(), { backend: 'webgpu', threads: 1 });
      expect([model.backend, model.device]).toEqual([
        'webgpu',
        { kind: 'cpu', name: expect.stringMatching(/SwiftShader/) },
      ]);
      expect((await model.attend(smallRaster(40, 30))).values).toHaveLength(20 * 15);
      expect(model.usage()).toMatchObject({ tensors: 6, gpuBytes: undefined });
      await model.close();
    });

    it('lets threads finish what they compute when it is closed: to end them takes the process along', async () => {
      const directory = await fresh();
      for (const wait of [0, 50, 300]) {
        const model = await loadModel(directory, { backend: 'webgpu', threads: 2 });
        const answers = [0, 1, 2].map((seed) => model.attend(smallRaster(40, 30, seed)).then(() => 'done', String));
        await new Promise((resolve) => setTimeout(resolve, wait));
        await model.close();
        for (const answer of await Promise.all(answers)) {
          expect(answer).toMatch(/^done$|the model is closed|Terminating worker thread/);
        }
      }
    });
  });

  it('puts windows where the attention network says its cells are', async () => {
    const model = await loadModel(await fresh(), { backend: 'wasm', threads: 1 });
    const sizes = [
      { width: 160, height: 120 },
      { width: 40, height: 30 },
    ] as const;
    const drawn = { estimator: 'top' as const, seed: 0, cells: [{ cell: 21, attention: 1, coefficient: 1 }] };
    // conv 3 and pool 2 over an overview mirrored by 1: cell i is centred on 1 + 2i, the grid is 20 wide, so cell 21 is
    // (1, 1), centre (3, 3) → (12, 12).
    expect(model.windows(drawn, ...sizes)).toEqual([{ x: 8, y: 8, width: 8, height: 8 }]);
    await model.close();
  });

  it('refuses an overview that is too small for the network, as unsuitable', async () => {
    const model = await loadModel(await fresh(), { backend: 'wasm', threads: 1 });
    const refused = { code: 'scene.unsuitable', message: expect.stringContaining('the scene is too small') };
    await expect(model.attend(smallRaster(1, 30))).rejects.toMatchObject(refused);
    await model.close();
  });

  it('refuses an overview without data, as unsuitable, and works on', async () => {
    const model = await loadModel(await fresh(), { backend: 'wasm', threads: 1 });
    const weights = model.usage();
    const empty = { ...smallRaster(40, 30), valid: new Uint8Array(40 * 30) };
    const refused = { code: 'scene.unsuitable', message: 'none of 300 places in the scene has data' };
    await expect(model.attend(empty)).rejects.toMatchObject(refused);
    expect(model.usage()).toEqual(weights);
    expect((await model.attend(smallRaster(40, 30))).values).toHaveLength(300);
    await model.close();
  });

  it('leaves an overview to its caller, even one that is part of something larger', async () => {
    const model = await loadModel(await fresh(), { backend: 'wasm', threads: 1 });
    const { data, ...size } = smallRaster(40, 30);
    const shared = Buffer.concat([Buffer.of(1, 2, 3), data as Uint8Array, Buffer.of(4)]);
    const part = shared.subarray(3, -1);
    const [alone, inside] = [await model.attend({ ...size, data }), await model.attend({ ...size, data: part })];
    expect(inside).toEqual(alone);
    expect([data.length, part.length, shared.length]).toEqual([1200, 1200, 1204]);
    await model.close();
  });

  it('refuses a folder without a model, saying where it looked', async () => {
    await expect(loadModel('/nowhere/at/all', { backend: 'wasm' })).rejects.toThrow('no model at /nowhere/at/all');
  });

  it('names every network file that is damaged or missing, at once', async () => {
    const directory = await fresh();
    const head = join(directory, 'head.json');
    await writeFile(head, (await readFile(head, 'utf8')).replace('A', 'B'));
    await rm(join(directory, 'feature.json'));
    await expect(loadModel(directory, { backend: 'wasm' })).rejects.toMatchObject({
      mistakes: [
        expect.stringContaining('feature.json cannot be read'),
        expect.stringContaining('head.json is damaged'),
      ],
    });
  });

  it('refuses a manifest of another format in one line, whatever else it says', async () => {
    const directory = await fresh({ format: 7 as never, classes: [] });
    await expect(loadModel(directory, { backend: 'wasm' })).rejects.toMatchObject({
      mistakes: [
        `${join(directory, 'model.json')} is of format 7, and this Saccade reads 1: use the Saccade that made the model, or train it anew`,
      ],
    });
  });

  it('reads a manifest that was made before formats were counted', async () => {
    const model = await loadModel(await fresh({ format: undefined as never, features: undefined as never }), {
      backend: 'wasm',
      threads: 1,
    });
    expect(model.manifest).toMatchObject({ format: 1, features: { normalise: false, position: false } });
    await model.close();
  });

  it('refuses networks that do not fit the manifest, and weights that are no numbers, a line each', async () => {
    const directory = await fresh({ classes: ['none', 'one'], patch: { size: 12 } });
    await expect(loadModel(directory, { backend: 'wasm', threads: 1 })).rejects.toMatchObject({
      mistakes: [
        `${directory}: the feature network takes 8 × 8 × 1, and would be given 12 × 12 × 1`,
        `${directory}: the head gives 3, and the model has 2 classes: none, one`,
      ],
    });
    const { feature } = smallNetworks();
    feature.setWeights(feature.getWeights().map((weight) => tf.mul(weight, Number.NaN)));
    const sha256 = await saveNetwork(feature, directory, 'feature.json');
    const text = await readFile(join(directory, 'model.json'), 'utf8');
    const manifest: Manifest = JSON.parse(text);
    const networks = { ...manifest.networks, feature: { path: 'feature.json', sha256 } };
    await writeFile(
      join(directory, 'model.json'),
      JSON.stringify({ ...manifest, networks, patch: { size: 8 }, classes: ['a', 'b', 'c'] }),
    );
    await expect(loadModel(directory, { backend: 'wasm', threads: 1 })).rejects.toMatchObject({
      mistakes: [`${join(directory, 'feature.json')} holds a weight that is no number, NaN, in feature-0/kernel`],
    });
  });

  it('lists every mistake in a manifest', async () => {
    const directory = await fresh({ patch: { size: 0 }, classes: ['only'] });
    await expect(loadModel(directory, { backend: 'wasm' })).rejects.toMatchObject({
      mistakes: [expect.stringContaining('patch.size'), expect.stringContaining('classes')],
    });
  });

  it('says of a manifest that is no object what it is instead', async () => {
    const directory = await fresh();
    const path = join(directory, 'model.json');
    await writeFile(path, '[]');
    await expect(loadModel(directory, { backend: 'wasm' })).rejects.toThrow(
      `${path}: Invalid input: expected object, received array`,
    );
  });

  it('refuses two classes of the same name, whose answers nobody could tell apart', async () => {
    const directory = await fresh({ classes: ['none', 'ferry', 'tanker', 'ferry'] });
    await expect(loadModel(directory, { backend: 'wasm' })).rejects.toMatchObject({
      mistakes: [expect.stringContaining('classes: two classes have the same name')],
    });
  });

  it('reads no network from outside its directory, whatever the manifest names', async () => {
    const directory = await fresh();
    const { networks } = JSON.parse(await readFile(join(directory, 'model.json'), 'utf8'));
    const outside = await fresh({ networks: { ...networks, head: { ...networks.head, path: '../../dev/zero' } } });
    await expect(loadModel(outside, { backend: 'wasm' })).rejects.toMatchObject({
      mistakes: [expect.stringContaining('networks.head.path: leads out of the model directory')],
    });
  });
});
