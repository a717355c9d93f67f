import { firstUniforms, type RandomKey, randomKey } from '../random.ts';
import type { AttentionMap } from '../scene.ts';
import type { Draw, DrawnCell } from './model.ts';

/** Names the draw and the weights that go with it, in events and manifests. */
export const ESTIMATOR = 'gumbel-kappa';

/**
 * Draws N cells without replacement, each with probability proportional to its attention among those left
 * (Gumbel-top-k: the N largest of log aᵢ + Gᵢ, in descending order).
 *
 * Given κ, the (N+1)-th largest key, a cell is in the draw exactly if its own key exceeds κ, independently of the
 * others: with probability qᵢ = 1 − exp(−exp(log aᵢ − κ)). Hence Σ aᵢ/qᵢ·fᵢ over the draw is unbiased for Σ a·f.
 *
 * One number of the generator belongs to each cell, so a larger N extends a smaller one and neither backend nor
 * thread plays a part.
 *
 * @param attention [h, w], values ≥ 0; a cell without attention is never drawn
 * @returns as many cells as asked for, fewer only where fewer have attention (all of them are then certain: q = 1)
 */
export function draw(
  attention: AttentionMap,
  { patches, seed, key }: { patches: number; seed: number; key: readonly (string | number)[] },
): Draw {
  const keyed = gumbelKeys(attention.values, randomKey(seed, ...key));
  const largest = selectLargest(keyed, patches + 1);
  const kappa = largest.length > patches ? (keyed[largest[patches] as number] as number) : Number.NEGATIVE_INFINITY;
  const cells = largest.slice(0, patches).map((cell): DrawnCell => {
    const share = attention.values[cell] as number;
    return { cell, attention: share, inclusion: -Math.expm1(-Math.exp(Math.log(share) - kappa)) };
  });
  return { estimator: ESTIMATOR, seed, cells };
}

/** log aᵢ + Gᵢ with Gᵢ = −log(−log Uᵢ) of the standard Gumbel distribution. */
function gumbelKeys(values: Float32Array, key: RandomKey): Float64Array {
  const keys = firstUniforms(key, values.length);
  for (let cell = 0; cell < keys.length; cell += 1) {
    const a = values[cell] as number;
    keys[cell] = a > 0 ? Math.log(a) - Math.log(-Math.log(keys[cell] as number)) : Number.NEGATIVE_INFINITY;
  }
  return keys;
}

/** Indices of the `count` largest finite keys, in descending order, in one pass: `count` is small, the map is not. */
function selectLargest(keys: Float64Array, count: number): number[] {
  const chosen: number[] = [];
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index] as number;
    if (key === Number.NEGATIVE_INFINITY) continue;
    if (chosen.length === count && key <= (keys[chosen[count - 1] as number] as number)) continue;
    const at = chosen.findIndex((other) => key > (keys[other] as number));
    chosen.splice(at < 0 ? chosen.length : at, 0, index);
    if (chosen.length > count) chosen.pop();
  }
  return chosen;
}
