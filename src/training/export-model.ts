import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Manifest, manifestSchema } from '../model/manifest.ts';
import { saveNetwork } from '../model/network-files.ts';
import { calibrate } from './calibrate.ts';
import { errorOf } from './evaluation.ts';
import type { Experiment } from './experiment.ts';
import { foldBatchNorms } from './fold-batch-norms.ts';
import type { Trained } from './train.ts';

type Made = Pick<Manifest['training'], 'command' | 'dataset' | 'backend'> & Pick<Manifest, 'dataType'>;

/** In the order in which they take their places: the manifest, which names the others, is the last. */
const FILES = ['attention.json', 'feature.json', 'head.json', 'model.json'] as const;

/**
 * Writes a model directory: the three networks, as far as possible without batch norms, then the manifest that names
 * them by checksum and says how they were made. A model that is there already stands until all of that is written beside
 * it.
 */
export async function exportModel(
  directory: string,
  trained: Trained,
  experiment: Experiment,
  made: Made,
): Promise<Manifest> {
  try {
    const manifest = await writeParts(directory, trained, experiment, made);
    for (const file of FILES) await rename(join(directory, partOf(file)), join(directory, file));
    return manifest;
  } catch (error) {
    for (const file of FILES) await rm(join(directory, partOf(file)), { force: true });
    throw error;
  }
}

async function writeParts(
  directory: string,
  { networks, step, judged }: Trained,
  experiment: Experiment,
  { dataType, ...made }: Made,
): Promise<Manifest> {
  const { estimator, patches, confidence, networks: descriptions, ...described } = experiment.model;
  const file = async (name: 'attention' | 'feature' | 'head') => {
    const path = `${name}.json` as const;
    const options = name === 'feature' ? described.features : {};
    const network = foldBatchNorms(networks[name], descriptions[name], options);
    const sha256 = await saveNetwork(network, directory, partOf(path));
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
  await writeFile(join(directory, partOf('model.json')), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

function partOf(file: (typeof FILES)[number]): string {
  return `${file}.part`;
}
