import { readFile, rename, writeFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { Networks } from '../model/inference.ts';
import type { ScheduledAdam } from './adam.ts';

/**
 * All that a training run needs to go on where it stopped: the weights, the optimizer's moments and the step. What the
 * next step draws follows from the step's number alone, so no generator has to be kept.
 */
const tensorSchema = z.object({ name: z.string(), shape: z.array(z.number().int()), data: z.base64() });
const bestSchema = z.object({ step: z.number().int(), error: z.number() });

const checkpointSchema = z.object({
  /** SHA-256 of the experiment: a run goes on only with the experiment that it began with. */
  experiment: z.string(),
  step: z.number().int(),
  best: bestSchema.optional(),
  networks: z.object({ attention: z.array(tensorSchema), feature: z.array(tensorSchema), head: z.array(tensorSchema) }),
  optimizer: z.array(tensorSchema),
});

export type Best = z.infer<typeof bestSchema>;
export type Standing = { readonly experiment: string; readonly step: number; readonly best: Best | undefined };
type SavedTensor = z.infer<typeof tensorSchema>;

/** A reader never sees half a checkpoint: it is written beside the last one, then takes its place. */
export async function saveCheckpoint(file: string, standing: Standing, networks: Networks, optimizer: ScheduledAdam) {
  const weights = (network: Networks['head']) =>
    network.getWeights().map((tensor, index) => save(network.weights[index]?.originalName ?? '', tensor));
  const checkpoint: z.infer<typeof checkpointSchema> = {
    ...standing,
    networks: {
      attention: weights(networks.attention),
      feature: weights(networks.feature),
      head: weights(networks.head),
    },
    optimizer: (await optimizer.getWeights()).map(({ name, tensor }) => save(name, tensor)),
  };
  await writeFile(`${file}.part`, JSON.stringify(checkpoint));
  await rename(`${file}.part`, file);
}

/** Puts the weights of a checkpoint back in place; undefined where there is none. */
export async function restoreCheckpoint(
  file: string,
  networks: Networks,
  optimizer: ScheduledAdam,
): Promise<Standing | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const checkpoint = checkpointSchema.parse(JSON.parse(text));
  for (const name of ['attention', 'feature', 'head'] as const) {
    const tensors = checkpoint.networks[name].map(load);
    networks[name].setWeights(tensors);
    tf.dispose(tensors);
  }
  await optimizer.setWeights(checkpoint.optimizer.map((saved) => ({ name: saved.name, tensor: load(saved) })));
  return { experiment: checkpoint.experiment, step: checkpoint.step, best: checkpoint.best };
}

function save(name: string, tensor: tf.Tensor): SavedTensor {
  const values = Float32Array.from(tensor.dataSync());
  return { name, shape: tensor.shape, data: Buffer.from(values.buffer).toString('base64') };
}

function load({ shape, data }: SavedTensor): tf.Tensor {
  return tf.tensor(new Float32Array(new Uint8Array(Buffer.from(data, 'base64')).buffer), shape);
}
