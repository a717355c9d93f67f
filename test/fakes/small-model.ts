import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Manifest } from '../../src/model/manifest.ts';
import { saveNetwork } from '../../src/model/network-files.ts';
import { smallNetworks } from './small-networks.ts';

/** Writes a model directory with the small networks: 1 band, patches of 8, an overview 4 times coarser, 3 classes. */
export async function smallModelDirectory(changes: Partial<Manifest> = {}): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'saccade-model-'));
  const networks = smallNetworks();
  const file = async (name: keyof typeof networks) => ({
    path: `${name}.json`,
    sha256: await saveNetwork(networks[name], directory, `${name}.json`),
  });
  const manifest: Manifest = {
    format: 1,
    features: { normalise: false, position: false },
    name: 'small',
    version: '0.0.1',
    description: 'untrained',
    bands: [{ name: 'grey', scale: 1 / 255, offset: 0 }],
    metresPerPixel: 2,
    overview: { scale: 4, resampling: 'average' },
    patch: { size: 8 },
    classes: ['none', 'one', 'other'],
    confidence: { nominal: 0.6, high: 0.9 },
    draw: { estimator: 'gumbel-kappa-normalised', patches: 5 },
    attention: { smoothing: 0.0001 },
    networks: { attention: await file('attention'), feature: await file('feature'), head: await file('head') },
    training: {
      command: 'none',
      dataset: { name: 'none', sha256: '', scenes: 0 },
      seed: 0,
      steps: 0,
      backend: 'none',
      validation: { scenes: 0, error: 1 },
    },
    ...changes,
  };
  await writeFile(join(directory, 'model.json'), JSON.stringify(manifest));
  return directory;
}
