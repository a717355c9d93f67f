import { join } from 'node:path';
import type { Networks } from './inference.ts';
import type { Manifest } from './manifest.ts';
import { loadNetwork } from './network-files.ts';

/** The three networks of a model directory, in this thread. */
export async function loadNetworks(directory: string, { networks }: Pick<Manifest, 'networks'>): Promise<Networks> {
  const { attention, feature, head } = networks;
  return {
    attention: await loadNetwork(join(directory, attention.path)),
    feature: await loadNetwork(join(directory, feature.path)),
    head: await loadNetwork(join(directory, head.path)),
  };
}
