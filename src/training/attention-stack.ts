import type { WindowStack } from '../model/geometry.ts';
import { buildNetwork } from '../model/networks.ts';
import { windowStack } from '../model/window-stack.ts';
import { expectFit } from './expect-fit.ts';
import type { Experiment } from './experiment.ts';

/**
 * How the attention network that an experiment describes is going to lay its cells over overviews: scenes are checked by
 * it before any training begins.
 * @throws {UsageError} when the network does not fit the experiment
 */
export function attentionStack(model: Experiment['model']): WindowStack {
  const network = buildNetwork('attention', [null, null, model.bands.length], model.networks.attention, 0);
  try {
    expectFit({ attention: network }, model);
    return windowStack(network);
  } finally {
    network.dispose();
  }
}
