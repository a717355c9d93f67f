import * as tf from '@tensorflow/tfjs-core';
import type { Draw } from '../../src/model/model.ts';

/**
 * The estimate of draws without replacement with the gradient of the code published with the paper, to be trained with
 * and compared. Forward it is ours, the mean of the ordered estimators tₖ (eq. 13–17). With respect to the attention of
 * the k-th place drawn (from 0) it takes (tₖ·mₖ/aₖ + Σ_{j<k} fⱼ − k·fₖ)/N, mₖ being what was left before it: biased,
 * as `test/model/estimators/exactness.test.ts` shows.
 *
 * Shapes: B scenes, K cells, N places in every scene, M = B·N, D numbers in a feature.
 *
 * @param attention [B, K]
 * @param features  [M, D]
 * @returns         [B, D]
 */
export function referenceEstimate(attention: tf.Tensor2D, features: tf.Tensor2D, draws: readonly Draw[]): tf.Tensor2D {
  const [scenes, cells] = attention.shape;
  const places = draws[0]?.cells.length ?? 0;
  const indices = draws.flatMap((draw, scene) => draw.cells.map(({ cell }) => scene * cells + cell));
  const chosen = tf.gather(tf.reshape(attention, [scenes * cells]), tf.tensor1d(indices, 'int32'));
  const drawn: tf.Tensor2D = tf.reshape(chosen, [scenes, places]); //                      [B, N]
  return meanOfOrdered(drawn, tf.reshape(features, [scenes, places, features.shape[1]])); // [B, D]
}

const meanOfOrdered = tf.customGrad((...inputs) => {
  const [attention, features, save] = inputs as [tf.Tensor2D, tf.Tensor3D, tf.GradSaveFunc];
  save([attention, features]);
  const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
    const [a, f] = saved as [tf.Tensor2D, tf.Tensor3D];
    const [share, places] = [tf.expandDims(a, 2), a.shape[1]]; //                          [B, N, 1]
    const order = tf.reshape(tf.range(0, places), [1, places, 1]); //                      [1, N, 1]
    const { left, ordered } = orderedEstimates(a, f);
    const seen = tf.sub(tf.cumsum(f, 1, true), tf.mul(order, f)); //                       [B, N, D]
    const slopes = tf.add(tf.div(tf.mul(ordered, left), share), seen); //                  [B, N, D]
    const by = tf.expandDims(dy, 1); //                                                    [B, 1, D]
    const toAttention = tf.div(tf.sum(tf.mul(slopes, by), 2), places); //                  [B, N]
    const counts = tf.add(left, tf.mul(tf.sub(places - 1, order), share)); //              [B, N, 1]
    return [toAttention, tf.div(tf.mul(counts, by), places)];
  };
  return { value: tf.mean(orderedEstimates(attention, features).ordered, 1), gradFunc };
}) as (attention: tf.Tensor2D, features: tf.Tensor3D) => tf.Tensor2D;

/** What was left before each place, mₖ [B, N, 1], and the ordered estimators tₖ = Σ_{j<k} aⱼ·fⱼ + mₖ·fₖ [B, N, D]. */
function orderedEstimates(attention: tf.Tensor2D, features: tf.Tensor3D) {
  const share = tf.expandDims(attention, 2);
  const left = tf.sub(1, tf.cumsum(share, 1, true));
  const ordered = tf.add(tf.cumsum(tf.mul(share, features), 1, true), tf.mul(left, features));
  return { left, ordered };
}
