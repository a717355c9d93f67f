import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { UsageError } from '../errors.ts';
import { makeFolder } from './make-folder.ts';

/** What a data set's folder says of itself: `dataset.json`, how it is made, and its labels, once it is complete. */
export type DatasetSettings = {
  readonly name: string;
  /** Of the code that makes the scenes. */
  readonly version: number;
  /** All else that the scenes depend on. */
  readonly [setting: string]: unknown;
};

/** A file of labels, such as `labels.csv`. */
export type LabelsFile = { readonly file: string; readonly text: string };

const datasetSchema = z.looseObject({
  name: z.string(),
  version: z.number(),
  scenes: z.number().optional(),
  labels: z.object({ sha256: z.string() }).optional(),
});

/**
 * Writes down what the folder is for, or checks it against what was written down before.
 * @throws {UsageError} when it holds another data set, or cannot be made
 */
export async function claimFolder(directory: string, settings: DatasetSettings): Promise<void> {
  await makeFolder(directory);
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
export async function isLabelled(
  directory: string,
  { scenes, file }: { readonly scenes: number; readonly file: string },
): Promise<boolean> {
  const known = await readDataset(directory);
  const labels = await readIfThere(join(directory, file));
  return known?.scenes === scenes && labels !== undefined && known.labels?.sha256 === sha256(labels);
}

/**
 * Completes the folder.
 * @param more files that belong to the labels
 */
export async function labelFolder(
  directory: string,
  settings: DatasetSettings,
  { scenes, labels, more = [] }: { scenes: number; labels: LabelsFile; more?: readonly LabelsFile[] },
): Promise<void> {
  const dataset = { ...settings, scenes, labels: { sha256: sha256(labels.text) } };
  for (const { file, text } of [...more, labels]) await replace(join(directory, file), text);
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
