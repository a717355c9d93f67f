import { randomKey } from '../../random.ts';
import type { AttentionMap } from '../../scene.ts';
import type { Draw } from '../model.ts';
import type { EstimatorName } from './estimator-name.ts';
import { estimators } from './estimators.ts';
import { quantise } from './quantise.ts';

export type DrawSettings = {
  readonly estimator: EstimatorName;
  /** N, how many places; fewer are drawn where fewer cells have attention, or where one is drawn twice. */
  readonly patches: number;
  readonly seed: number;
  /** What the draw shall depend on besides: scene, model. */
  readonly key: readonly (string | number)[];
};

/**
 * Draws the cells to look at from an attention map. The same map, seed and key give the same draw, byte for byte, on every
 * backend, in any order and on any thread. A cell without attention is never drawn.
 *
 * @param attention [h, w], values ≥ 0
 */
export function draw(attention: AttentionMap, { estimator, patches, seed, key }: DrawSettings): Draw {
  const cells = estimators[estimator].cells(quantise(attention), { patches, key: randomKey(seed, ...key) });
  return { estimator, seed, cells };
}
