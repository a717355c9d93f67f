import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Manifest, manifestSchema } from '../model/manifest.ts';
import { saveNetwork } from '../model/network-files.ts';
import { calibrate } from './calibrate.ts';
import { errorOf } from './evaluation.ts';
import type { Experiment } from './experiment.ts';
import { foldBatchNorms } from './fold-batch-norms.ts';
import type { Trained } from './train.ts';

/**
 * Writes a model directory: the three networks, as far as possible without batch norms, then the manifest that names
 * them by checksum and says how they were made.
 */
export async function exportModel(
  directory: string,
  { networks, step, judged }: Trained,
  experiment: Experiment,
  { dataType, ...made }: Pick<Manifest['training'], 'command' | 'dataset' | 'backend'> & Pick<Manifest, 'dataType'>,
): Promise<Manifest> {
  const { estimator, patches, confidence, networks: descriptions, ...described } = experiment.model;
  const file = async (name: 'attention' | 'feature' | 'head') => {
    const path = `${name}.json`;
    const options = name === 'feature' ? described.features : {};
    const network = foldBatchNorms(networks[name], descriptions[name], options);
    const sha256 = await saveNetwork(network, directory, path);
    network.dispose();
    return { path, sha256 };
  };
  const manifest = manifestSchema.parse({
    ...described,
    ...(dataType && { dataType }),
    confidence: confidence.probabilities ?? calibrate(judged, confidence),
    draw: { estimator, patches },
    networks: { attention: await file('attention'), feature: await file('feature'), head: await file('head') },
    training: {
      ...made,
      seed: experiment.training.seed,
      steps: step,
      validation: { scenes: judged.length, error: errorOf(judged) },
    },
  });
  const target = join(directory, 'model.json');
  await writeFile(`${target}.part`, `${JSON.stringify(manifest, null, 2)}\n`);
  await rename(`${target}.part`, target);
  return manifest;
}
