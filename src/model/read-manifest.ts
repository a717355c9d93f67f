import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import { type Manifest, manifestSchema } from './manifest.ts';

/**
 * Reads a model directory's manifest and proves that the networks beside it are the ones it speaks of.
 * @returns the manifest, and its own SHA-256 by which events name the model
 * @throws {UsageError} with every mistake: what is missing, damaged or contradicting itself
 */
export async function readManifest(directory: string): Promise<{ manifest: Manifest; sha256: string }> {
  const path = join(directory, 'model.json');
  const text = await readFile(path).catch(() => {
    throw new UsageError([`no model at ${directory}: ${path} cannot be read`]);
  });
  const parsed = manifestSchema.safeParse(parseJson(path, text.toString('utf8')));
  if (!parsed.success) {
    throw new UsageError(parsed.error.issues.map((issue) => `${path}: ${issue.path.join('.')}: ${issue.message}`));
  }
  const mistakes = await Promise.all(
    Object.values(parsed.data.networks).map((network) => checkNetwork(directory, network)),
  );
  if (mistakes.flat().length > 0) throw new UsageError(mistakes.flat());
  return { manifest: parsed.data, sha256: sha256(text) };
}

async function checkNetwork(directory: string, network: { path: string; sha256: string }): Promise<string[]> {
  const path = join(directory, network.path);
  try {
    const found = sha256(await readFile(path));
    return found === network.sha256
      ? []
      : [`${path} is damaged: its SHA-256 is ${found}, model.json says ${network.sha256}`];
  } catch {
    return [`${path} cannot be read; model.json names it`];
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError([`${path} is not JSON: ${error instanceof Error ? error.message : error}`]);
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
