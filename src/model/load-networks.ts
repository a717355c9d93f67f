import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import type { Networks } from './inference.ts';
import type { Manifest } from './manifest.ts';
import { misfits } from './misfits.ts';
import { loadNetwork } from './network-files.ts';
import type { NetworkName } from './read-manifest.ts';

/**
 * The three networks of a model directory, in this thread.
 * @throws {UsageError} with every mistake: a file that is no network, networks that do not fit the manifest or each other
 */
export async function loadNetworks(directory: string, manifest: Manifest): Promise<Networks> {
  const found = await findNetworks(directory, manifest);
  const { attention, feature, head } = found.networks;
  if (found.mistakes.length === 0 && attention && feature && head) return { attention, feature, head };
  throw new UsageError(found.mistakes);
}

const NAMES: readonly NetworkName[] = ['attention', 'feature', 'head'];

/** Those networks of a model directory that can be loaded, and all that is wrong with them. */
export async function findNetworks(
  directory: string,
  manifest: Manifest,
  names: readonly NetworkName[] = NAMES,
): Promise<{ readonly networks: Partial<Networks>; readonly mistakes: readonly string[] }> {
  const networks: Partial<Record<NetworkName, Networks[NetworkName]>> = {};
  const mistakes: string[] = [];
  for (const name of names) {
    try {
      networks[name] = await loadNetwork(join(directory, manifest.networks[name].path));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      mistakes.push(...error.mistakes);
    }
  }
  return { networks, mistakes: [...mistakes, ...misfits(networks, manifest).map((one) => `${directory}: ${one}`)] };
}
