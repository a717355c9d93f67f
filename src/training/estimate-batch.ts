import * as tf from '@tensorflow/tfjs-core';
import { combine } from '../model/estimators/combine.ts';
import { estimators } from '../model/estimators/estimators.ts';
import type { Draw, DrawnCell } from '../model/model.ts';

/**
 * The estimated feature of each scene of a batch, whose draws are all of one estimator but need not be of one size: what a
 * scene lacks counts with a coefficient of 0.
 *
 * Linear estimates take what all scenes have in common off their gradients: with b, the mean estimate of the *other* scenes,
 * F̂ = Σ wᵢ·(fᵢ − b) + b. Whatever is told by others' draws is independent of one's own, so this is as unbiased as Σ wᵢ·fᵢ,
 * and b need not be held constant: E[1 − Σ wᵢ] = 0, so what flows back through it has mean 0. In the normalised form
 * weights sum to 1, and b cancels.
 *
 * Shapes: B scenes, K cells, N the most places that a scene drew, M places in all, D numbers in a feature.
 *
 * @param attention [B, K]
 * @param features  [M, D] of all places, one scene after the other
 * @returns         [B, D]
 */
export function estimateBatch(attention: tf.Tensor2D, features: tf.Tensor2D, draws: readonly Draw[]): tf.Tensor2D {
  const most = Math.max(...draws.map(({ cells }) => cells.length));
  const { form } = estimators[(draws[0] as Draw).estimator]; // a batch is not empty
  const coefficients = tf.tensor2d(draws.map(({ cells }) => padded(cells, most).map((cell) => cell?.coefficient ?? 0)));
  const chosen = drawn(attention, draws, most); //                                                            [B, N]
  const own = combine(chosen, coefficients, { features: aligned(features, draws, most), form }); //           [B, D]
  if (form === 'normalised' || draws.length === 1) return own;
  const others = tf.div(tf.sub(tf.sum(own, 0, true), own), draws.length - 1); //                              [B, D]
  const missing = tf.sub(1, tf.sum(tf.mul(chosen, coefficients), 1, true)); //                                [B, 1]
  return tf.add(own, tf.mul(missing, others));
}

/** [B, K] → [B, N]: of each scene, the attention of the cells that it drew. */
function drawn(attention: tf.Tensor2D, draws: readonly Draw[], most: number): tf.Tensor2D {
  const [scenes, cells] = attention.shape;
  const indices = draws.flatMap((draw, scene) =>
    padded(draw.cells, most).map((found) => scene * cells + (found ?? (draw.cells[0] as DrawnCell)).cell),
  );
  return tf.reshape(tf.gather(tf.reshape(attention, [scenes * cells]), tf.tensor1d(indices, 'int32')), [scenes, most]);
}

/** [M, D] → [B, N, D], with the scene's first feature where there is none. */
function aligned(features: tf.Tensor2D, draws: readonly Draw[], most: number): tf.Tensor3D {
  const shape: [number, number, number] = [draws.length, most, features.shape[1]];
  if (features.shape[0] === draws.length * most) return tf.reshape(features, shape);
  let first = 0;
  const rows = draws.flatMap(({ cells }) => {
    const own = padded(cells, most).map((_, n) => first + (n < cells.length ? n : 0));
    first += cells.length;
    return own;
  });
  return tf.reshape(tf.gather(features, tf.tensor1d(rows, 'int32')), shape);
}

function padded(cells: readonly DrawnCell[], length: number): (DrawnCell | undefined)[] {
  return Array.from({ length }, (_, n) => cells[n]);
}
