import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeIssue } from '../describe-issue.ts';
import { UsageError } from '../errors.ts';
import { FORMAT, formatSchema, type Manifest, manifestSchema } from './manifest.ts';

/** A manifest, and its own SHA-256 by which events name the model. */
export type ReadManifest = { readonly manifest: Manifest; readonly sha256: string };

/**
 * Reads a model directory's manifest and proves that the networks beside it are the ones it speaks of.
 * @throws {UsageError} with every mistake: what is missing, damaged or contradicting itself
 */
export async function readManifest(directory: string): Promise<ReadManifest> {
  const read = await parseManifest(directory);
  const mistakes = Object.values(await findDamages(directory, read.manifest)).filter((one) => one !== undefined);
  if (mistakes.length > 0) throw new UsageError(mistakes);
  return read;
}

/**
 * The manifest alone, whatever has become of its networks.
 * @throws {UsageError} with every mistake in it, or one line where it is of another format
 */
export async function parseManifest(directory: string): Promise<ReadManifest> {
  const path = join(directory, 'model.json');
  const text = await readFile(path).catch(() => {
    throw new UsageError([`no model at ${directory}: ${path} cannot be read`]);
  });
  const json = parseJson(path, text.toString('utf8'));
  const { data: { format = FORMAT } = {} } = formatSchema.safeParse(json);
  if (format !== FORMAT) {
    const advice = 'use the Saccade that made the model, or train it anew';
    throw new UsageError([
      `${path} is of format ${JSON.stringify(format)}, and this Saccade reads ${FORMAT}: ${advice}`,
    ]);
  }
  const parsed = manifestSchema.safeParse(json);
  if (parsed.success) return { manifest: parsed.data, sha256: sha256(text) };
  throw new UsageError(parsed.error.issues.map((issue) => `${path}: ${describeIssue(issue)}`));
}

export type NetworkName = keyof Manifest['networks'];

/** Of each network's file why it is not the one that the manifest speaks of, if so. */
export async function findDamages(
  directory: string,
  { networks }: Pick<Manifest, 'networks'>,
): Promise<Record<NetworkName, string | undefined>> {
  const [attention, feature, head] = await Promise.all(
    [networks.attention, networks.feature, networks.head].map((network) => damageOf(directory, network)),
  );
  return { attention, feature, head };
}

async function damageOf(directory: string, network: { path: string; sha256: string }): Promise<string | undefined> {
  const path = join(directory, network.path);
  try {
    const found = sha256(await readFile(path));
    if (found === network.sha256) return undefined;
    return `${path} is damaged: its SHA-256 is ${found}, model.json says ${network.sha256}`;
  } catch {
    return `${path} cannot be read; model.json names it`;
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
