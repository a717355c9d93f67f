import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { io } from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { z } from 'zod';

/**
 * A network as one file: the topology and the weights of a tfjs layers model in one JSON document, the weights in
 * base64. One file has one checksum, and cannot be half of one training run and half of another.
 */
const networkFileSchema = z.object({
  format: z.literal('tfjs-layers'),
  modelTopology: z.record(z.string(), z.unknown()),
  weightSpecs: z.array(
    z.object({ name: z.string(), shape: z.array(z.number().int()), dtype: z.enum(['float32', 'int32', 'bool']) }),
  ),
  weightData: z.base64(),
});

/** Writes a network and returns its SHA-256; a reader never sees half a file. */
export async function saveNetwork(network: LayersModel, directory: string, path: string): Promise<string> {
  let text = '';
  await network.save(
    io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      const bytes = Buffer.from(io.CompositeArrayBuffer.join(weightData));
      text = JSON.stringify({
        format: 'tfjs-layers',
        modelTopology,
        weightSpecs,
        weightData: bytes.toString('base64'),
      });
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  await mkdir(directory, { recursive: true });
  const target = join(directory, path);
  await writeFile(`${target}.part`, text);
  await rename(`${target}.part`, target);
  return createHash('sha256').update(text).digest('hex');
}

/** @throws {Error} when the file is not what `saveNetwork` writes */
export async function loadNetwork(file: string): Promise<LayersModel> {
  const { modelTopology, weightSpecs, weightData } = networkFileSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  const bytes = Buffer.from(weightData, 'base64');
  return loadLayersModel(io.fromMemory({ modelTopology, weightSpecs, weightData: new Uint8Array(bytes).buffer }));
}
