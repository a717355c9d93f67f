import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { loadNetwork, saveNetwork } from '../../src/model/network-files.ts';
import { smallNetworks } from '../fakes/small-networks.ts';

describe('loadNetwork', () => {
  let folder: string;
  beforeAll(async () => {
    await tf.setBackend('cpu');
    folder = await mkdtemp(join(tmpdir(), 'saccade-network-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('gives back the very weights that were saved', async () => {
    const { feature } = smallNetworks();
    await saveNetwork(feature, folder, 'feature.json');
    const loaded = await loadNetwork(join(folder, 'feature.json'));
    const weights = (network: typeof feature) => network.getWeights().map((weight) => Array.from(weight.dataSync()));
    expect(weights(loaded)).toEqual(weights(feature));
  });

  /** The file of the head, with one thing in it changed. */
  const damaged = async (change: (file: Record<string, unknown>) => unknown) => {
    const path = join(folder, 'head.json');
    await saveNetwork(smallNetworks().head, folder, 'head.json');
    const changed = change(JSON.parse(await readFile(path, 'utf8')));
    await writeFile(path, typeof changed === 'string' ? changed : JSON.stringify(changed));
    const error = await loadNetwork(path).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsageError);
    const { mistakes } = error as UsageError;
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).not.toContain('\n');
    return mistakes[0]!.replace(path, 'head.json');
  };
  const weights = (...numbers: number[]) => Buffer.from(Float32Array.from(numbers).buffer).toString('base64');

  it('tells in one line what is wrong with a file', async () => {
    const cut = await damaged((file) => JSON.stringify(file).slice(0, -9));
    expect(cut).toMatch(/^head\.json is no network, or a damaged one: .*JSON/);
    expect(await damaged((file) => ({ ...file, format: 'graph-model' }))).toMatch(/damaged one: format: /);
    expect(await damaged((file) => ({ ...file, weightData: '%' }))).toMatch(/damaged one: weightData: /);
    expect(await damaged((file) => ({ ...file, weightData: weights(1, 2) }))).toBe(
      'head.json is damaged: it holds 8 bytes of weights, and its layers have 84',
    );
    const infinite = weights(...Array.from({ length: 21 }, (_, i) => (i === 19 ? -Infinity : i)));
    expect(await damaged((file) => ({ ...file, weightData: infinite }))).toBe(
      'head.json holds a weight that is no number, -Infinity, in head-0/bias',
    );
    const unknown = await damaged((file) => JSON.parse(JSON.stringify(file).replaceAll('"Dense"', '"Sparse"')));
    expect(unknown).toMatch(/^head\.json holds layers that tfjs cannot build: .*Sparse/);
  });
});
