import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { io } from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import { describeIssue } from '../describe-issue.ts';
import { UsageError } from '../errors.ts';

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

/** @throws {UsageError} in one line, when the file is not what `saveNetwork` writes or holds weights that are no numbers */
export async function loadNetwork(file: string): Promise<LayersModel> {
  const { modelTopology, weightSpecs, weightData } = await readNetworkFile(file);
  const bytes = Buffer.from(weightData, 'base64');
  expectNumbers(file, weightSpecs, bytes);
  try {
    // Waited for here, so that what tfjs says of the layers is told with the file's name.
    return await loadLayersModel(
      io.fromMemory({ modelTopology, weightSpecs, weightData: Uint8Array.from(bytes).buffer }),
    );
  } catch (error) {
    throw new UsageError([`${file} holds layers that tfjs cannot build: ${firstLine(error)}`]);
  }
}

async function readNetworkFile(file: string): Promise<z.infer<typeof networkFileSchema>> {
  try {
    return networkFileSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    const issue = error instanceof z.ZodError ? error.issues[0] : undefined;
    const reason = issue ? describeIssue(issue) : firstLine(error);
    throw new UsageError([`${file} is no network, or a damaged one: ${reason}`]);
  }
}

const BYTES = { float32: 4, int32: 4, bool: 1 } as const;

function expectNumbers(file: string, specs: z.infer<typeof networkFileSchema>['weightSpecs'], bytes: Buffer): void {
  let at = 0;
  for (const { name, shape, dtype } of specs) {
    const end = at + shape.reduce((product, size) => product * size, BYTES[dtype]);
    for (let byte = at; dtype === 'float32' && byte + 4 <= Math.min(end, bytes.length); byte += 4) {
      if (Number.isFinite(bytes.readFloatLE(byte))) continue;
      throw new UsageError([`${file} holds a weight that is no number, ${bytes.readFloatLE(byte)}, in ${name}`]);
    }
    at = end;
  }
  if (at === bytes.length) return;
  throw new UsageError([`${file} is damaged: it holds ${bytes.length} bytes of weights, and its layers have ${at}`]);
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
