import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import { UsageError } from '../../errors.ts';
import { loadNetwork, saveNetwork } from '../../model/network-files.ts';
import { calibrate } from '../calibrate.ts';
import { errorOf } from '../evaluation.ts';
import { type Experiment, experimentSchema } from '../experiment.ts';
import { type MadeBaseline, makeBaseline } from './make-baseline.ts';
import type { TrainedBaseline } from './train-baseline.ts';

/**
 * A trained rival as a directory: its networks, and `baseline.json` that names them by checksum and holds the experiment
 * that it is made from. It is no model directory: there is no draw, and nothing that serves scenes loads it.
 */
const baselineFileSchema = z.strictObject({
  experiment: experimentSchema,
  networks: z.record(z.string(), z.strictObject({ path: z.string().min(1), sha256: z.string() })),
  confidence: z.strictObject({ nominal: z.number(), high: z.number() }),
  training: z.strictObject({
    command: z.string(),
    backend: z.string(),
    steps: z.number().int(),
    validation: z.strictObject({ scenes: z.number().int(), error: z.number() }),
  }),
});

export type BaselineFile = Omit<z.infer<typeof baselineFileSchema>, 'experiment'> & { readonly experiment: Experiment };

export async function saveBaseline(
  directory: string,
  { baseline, step, judged }: TrainedBaseline,
  experiment: Experiment,
  made: Pick<BaselineFile['training'], 'command' | 'backend'>,
): Promise<BaselineFile> {
  const networks: BaselineFile['networks'] = {};
  for (const [name, network] of Object.entries(baseline.networks)) {
    const path = `${name}.json`;
    networks[name] = { path, sha256: await saveNetwork(network, directory, path) };
  }
  const { confidence: wanted } = experiment.model;
  const confidence = wanted.probabilities ?? calibrate(judged, wanted);
  const validation = { scenes: judged.length, error: errorOf(judged) };
  const saved = { experiment, networks, confidence, training: { ...made, steps: step, validation } };
  const target = join(directory, 'baseline.json');
  await writeFile(`${target}.part`, `${JSON.stringify(saved, null, 2)}\n`);
  await rename(`${target}.part`, target);
  return saved;
}

/** @throws {UsageError} when the directory holds no rival, or a damaged one */
export async function loadBaseline(directory: string): Promise<MadeBaseline & { readonly file: BaselineFile }> {
  const path = join(directory, 'baseline.json');
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UsageError([`no rival at ${directory}: ${path} cannot be read`]);
  });
  const parsed = baselineFileSchema.safeParse(parseJson(text));
  if (!parsed.success || !parsed.data.experiment.baseline) throw new UsageError([`${path} is damaged`]);
  const { experiment, networks } = parsed.data;
  const loaded: Record<string, LayersModel> = {};
  for (const [name, file] of Object.entries(networks))
    loaded[name] = await load(join(directory, file.path), file.sha256);
  return { ...makeBaseline(experiment, parsed.data.experiment.baseline, loaded), file: parsed.data };
}

async function load(path: string, sha256: string): Promise<LayersModel> {
  const bytes = await readFile(path).catch(() => undefined);
  const found = bytes && createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256) throw new UsageError([`${path} is missing or damaged: baseline.json names another SHA-256`]);
  return loadNetwork(path);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
