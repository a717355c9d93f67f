import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { UsageError } from '../errors.ts';

/** What a data set's folder says of itself: `dataset.json`, how it is made, and `labels.jsonl`, once it is complete. */
export type DatasetSettings = {
  readonly name: string;
  /** Of the code that makes the scenes. */
  readonly version: number;
  readonly seed: number;
  readonly sizes: readonly number[];
  readonly quality: number;
};

const datasetSchema = z.object({
  name: z.string(),
  version: z.number(),
  seed: z.number(),
  sizes: z.array(z.number()),
  quality: z.number(),
  scenes: z.number().optional(),
  labels: z.object({ sha256: z.string() }).optional(),
});

/**
 * Writes down what the folder is for, or checks it against what was written down before.
 * @throws {UsageError} when it holds another data set, or cannot be made
 */
export async function claimFolder(directory: string, settings: DatasetSettings): Promise<void> {
  await mkdir(directory, { recursive: true }).catch((error: unknown) => {
    throw new UsageError([`no folder can be made at ${directory}: ${error instanceof Error ? error.message : error}`]);
  });
  const known = await readDataset(directory);
  if (known === undefined) return replace(join(directory, 'dataset.json'), json(settings));
  const { scenes: _scenes, labels: _labels, ...before } = known;
  if (isDeepStrictEqual(before, settings)) return;
  const [there, wanted] = [before, settings].map((one) => JSON.stringify(one));
  throw new UsageError([
    `${directory} holds another data set: ${there}, not ${wanted}; name another folder, or remove it`,
  ]);
}

/** Whether the folder is complete: labelled for this number of scenes, and its labels unchanged since. */
export async function isLabelled(directory: string, scenes: number): Promise<boolean> {
  const known = await readDataset(directory);
  const labels = await readIfThere(join(directory, 'labels.jsonl'));
  return known?.scenes === scenes && labels !== undefined && known.labels?.sha256 === sha256(labels);
}

/** Completes the folder. */
export async function labelFolder(
  directory: string,
  settings: DatasetSettings,
  labels: readonly unknown[],
): Promise<void> {
  const text = labels.map((label) => `${JSON.stringify(label)}\n`).join('');
  const dataset = { ...settings, scenes: labels.length, labels: { sha256: sha256(text) } };
  await replace(join(directory, 'labels.jsonl'), text);
  await replace(join(directory, 'dataset.json'), json(dataset));
}

async function readDataset(directory: string): Promise<z.infer<typeof datasetSchema> | undefined> {
  const path = join(directory, 'dataset.json');
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return datasetSchema.parse(JSON.parse(text));
  } catch {
    throw new UsageError([`${path} describes no data set that saccade made; name another folder, or remove it`]);
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.part`, text);
  await rename(`${path}.part`, path);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
