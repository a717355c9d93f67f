import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import { UsageError } from '../errors.ts';
import type { ScheduledAdam } from './adam.ts';

/**
 * All that a training run needs to go on where it stopped: the weights, the optimizer's moments and the step. What the
 * next step draws follows from the step's number alone, so no generator has to be kept.
 */
const tensorSchema = z.object({ name: z.string(), shape: z.array(z.number().int()), data: z.base64() });
const bestSchema = z.object({
  /** Of several that did equally well, the last. */
  step: z.number().int(),
  error: z.number(),
  /** The first step that did so well. */
  reached: z.number().int(),
});

const checkpointSchema = z.object({
  /** SHA-256 of the experiment: a run goes on only with the experiment that it began with. */
  experiment: z.string(),
  step: z.number().int(),
  /** The step is one after which the model is validated, and that was interrupted. */
  unjudged: z.boolean().default(false),
  best: bestSchema.optional(),
  networks: z.record(z.string(), z.array(tensorSchema)),
  optimizer: z.array(tensorSchema),
});

export type Best = z.infer<typeof bestSchema>;
export type Standing = {
  readonly experiment: string;
  readonly step: number;
  readonly unjudged: boolean;
  readonly best: Best | undefined;
};
/** All that is learnt, by the names of its parts. */
type Networks = Readonly<Record<string, LayersModel>>;
type SavedTensor = z.infer<typeof tensorSchema>;

/**
 * A reader never sees half a checkpoint: it is written beside the last one, then takes its place, and the last one that
 * of the one before it. So there is a whole one at any moment, and still one where the newest is damaged later.
 * @throws {Error} when it cannot be written, on a full disk for instance; the last one stands
 */
export async function saveCheckpoint(file: string, standing: Standing, networks: Networks, optimizer: ScheduledAdam) {
  const weights = (network: LayersModel) =>
    network.getWeights().map((tensor, index) => save(network.weights[index]?.originalName ?? '', tensor));
  const moments = await optimizer.getWeights();
  const checkpoint: z.infer<typeof checkpointSchema> = {
    ...standing,
    networks: Object.fromEntries(Object.entries(networks).map(([name, network]) => [name, weights(network)])),
    optimizer: moments.map(({ name, tensor }) => save(name, tensor)),
  };
  moments[0]?.tensor.dispose(); // the count of steps, a tensor made for the caller
  const part = `${file}.part`;
  try {
    await writeFile(part, JSON.stringify(checkpoint));
    await rename(file, previousOf(file)).catch(ignoreMissing);
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`the checkpoint of step ${standing.step} cannot be written, the last one stands: ${reason}`);
  }
}

/**
 * Puts the weights of the newest whole checkpoint back in place; undefined where there is none at all.
 * @param file as it was given to `saveCheckpoint`
 * @param experiment that it must be of
 * @throws {UsageError} when all there are are damaged, one cannot be read, or it is of another experiment: no weight is
 * touched
 */
export async function restoreCheckpoint(
  file: string,
  experiment: string,
  networks: Networks,
  optimizer: ScheduledAdam,
): Promise<Standing | undefined> {
  const found = await Promise.all([file, previousOf(file)].map(readCheckpoint));
  const checkpoint = found.find((one) => typeof one === 'object');
  const damages = found.filter((one) => typeof one === 'string');
  if (checkpoint === undefined && damages.length > 0) throw new UsageError(damages);
  if (checkpoint === undefined) return undefined;
  if (checkpoint.experiment !== experiment) {
    throw new UsageError([
      `${file} belongs to another version of the experiment: move it away, or name another folder`,
    ]);
  }
  loadNetworks(checkpoint, networks);
  await optimizer.setWeights(checkpoint.optimizer.map((saved) => ({ name: saved.name, tensor: load(saved) })));
  const { step, unjudged, best } = checkpoint;
  return { experiment, step, unjudged, best };
}

/**
 * Puts the weights that another run's checkpoint holds in place, and nothing else of it. Networks that it does not name,
 * such as the attention where a rival's run is gone on from, are begun anew.
 * @throws {UsageError} when there is none, or its networks are others
 */
export async function warmStart({ start }: { readonly start?: string | undefined }, networks: Networks): Promise<void> {
  if (start === undefined) return;
  const checkpoint = await expectCheckpoint(start);
  const known = Object.entries(networks).filter(([name]) => name in checkpoint.networks);
  if (known.length === 0) throw new UsageError([`${start} has none of ${Object.keys(networks).join(', ')}`]);
  putInPlace(start, checkpoint, Object.fromEntries(known));
}

/**
 * Puts all weights of networks that were trained before in place.
 * @returns the step that they are of
 * @throws {UsageError} when there is no such checkpoint, or its networks are others
 */
export async function takeNetworks(file: string, networks: Networks): Promise<number> {
  const checkpoint = await expectCheckpoint(file);
  putInPlace(file, checkpoint, networks);
  return checkpoint.step;
}

async function expectCheckpoint(file: string): Promise<z.infer<typeof checkpointSchema>> {
  const checkpoint = await readCheckpoint(file);
  if (typeof checkpoint === 'object') return checkpoint;
  throw new UsageError([checkpoint ?? `there is no checkpoint at ${file}`]);
}

function putInPlace(file: string, checkpoint: z.infer<typeof checkpointSchema>, networks: Networks): void {
  const others = Object.keys(networks).filter((name) => {
    const wanted = networks[name]?.weights.map(({ shape }) => shape);
    return JSON.stringify(checkpoint.networks[name]?.map(({ shape }) => shape)) !== JSON.stringify(wanted);
  });
  if (others.length > 0) throw new UsageError([`${file} is of other networks: not this ${others.join(', ')}`]);
  loadNetworks(checkpoint, networks);
}

function loadNetworks(checkpoint: z.infer<typeof checkpointSchema>, networks: Networks): void {
  for (const [name, network] of Object.entries(networks)) {
    const tensors = (checkpoint.networks[name] ?? []).map(load);
    network.setWeights(tensors);
    tf.dispose(tensors);
  }
}

/**
 * @returns why it cannot be used, if it is there but damaged; undefined where there is none
 * @throws {UsageError} when it is there and cannot be read, as where it is a folder
 */
async function readCheckpoint(file: string): Promise<z.infer<typeof checkpointSchema> | string | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new UsageError([`${file} cannot be read: ${error.message}`]);
  });
  if (text === undefined) return undefined;
  try {
    return checkpointSchema.parse(JSON.parse(text));
  } catch {
    return `${file} is damaged (cut off or changed); move it away to begin anew`;
  }
}

function previousOf(file: string): string {
  return `${file}.previous`;
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

function save(name: string, tensor: tf.Tensor): SavedTensor {
  const values = Float32Array.from(tensor.dataSync());
  return { name, shape: tensor.shape, data: Buffer.from(values.buffer).toString('base64') };
}

function load({ shape, data }: SavedTensor): tf.Tensor {
  return tf.tensor(new Float32Array(new Uint8Array(Buffer.from(data, 'base64')).buffer), shape);
}
