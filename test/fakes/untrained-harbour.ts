import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useBackend } from '../../src/model/backend.ts';
import { type Manifest, manifestSchema } from '../../src/model/manifest.ts';
import { saveNetwork } from '../../src/model/network-files.ts';
import { buildNetwork, type LayerDescription } from '../../src/model/networks.ts';

type Shape = (number | null)[];

/** Writes a model directory for harbour scenes, RGB at 2 m, that knows nothing: small networks with random weights. */
export async function untrainedHarbour(): Promise<string> {
  await useBackend('wasm');
  const directory = await mkdtemp(join(tmpdir(), 'saccade-harbour-'));
  const file = async (name: keyof Manifest['networks'], input: Shape, layers: LayerDescription[]) => {
    const path = `${name}.json`;
    return { path, sha256: await saveNetwork(buildNetwork(name, input, layers, 7), directory, path) };
  };
  const conv = (filters: number, activation: 'relu' | 'linear') => ({
    conv: { filters, kernel: 3, stride: 1, activation },
  });
  const manifest = manifestSchema.parse({
    name: 'untrained-harbour',
    version: '0.0.1',
    description: 'random weights',
    bands: ['red', 'green', 'blue'].map((name) => ({ name, scale: 1 / 255, offset: 0 })),
    metresPerPixel: 2,
    overview: { scale: 16, resampling: 'average' },
    patch: { size: 48 },
    classes: ['none', 'container', 'tanker', 'ferry'],
    confidence: { nominal: 0.6, high: 0.9 },
    draw: { estimator: 'systematic', patches: 4 },
    attention: { smoothing: 0.001 },
    networks: {
      attention: await file('attention', [null, null, 3], [conv(4, 'relu'), conv(1, 'linear'), { maxPool: 2 }]),
      feature: await file('feature', [48, 48, 3], [conv(6, 'relu'), { globalMaxPool: true }]),
      head: await file('head', [6], [{ dense: { units: 4, activation: 'linear' } }]),
    },
    training: {
      command: 'none',
      dataset: { name: 'none', sha256: '', scenes: 0 },
      seed: 7,
      steps: 0,
      backend: 'none',
      validation: { scenes: 0, error: 1 },
    },
  });
  await writeFile(join(directory, 'model.json'), JSON.stringify(manifest));
  return directory;
}
