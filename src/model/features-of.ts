import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Raster } from '../scene.ts';
import { applyNetwork } from './apply-network.ts';
import type { Manifest } from './manifest.ts';
import { pixels } from './pixels.ts';

/**
 * What the feature network says of patches, in training as in use: f(P(x, q)) of eq. 20, with the patch's position as a
 * second input where the model wants it, and scaled to length 1 where the model wants that. The scaling is no layer of
 * the network: tfjs has none, and a network of standard layers can be loaded by any tfjs.
 */
export type FeatureSettings = Pick<Manifest, 'bands'> & Partial<Pick<Manifest, 'features'>>;

/** Squares of a feature that sum to less are as good as none. */
const LEAST_SQUARES = 1e-12;

/**
 * @param patches [N] of one size
 * @returns       [N, D]
 */
export function featuresOf(
  network: LayersModel,
  patches: readonly Raster[],
  { bands, features }: FeatureSettings,
  { training = false }: { readonly training?: boolean } = {},
): tf.Tensor2D {
  const seen = pixels(patches, bands); //                                                 [N, P, P, C]
  const input = features?.position ? [seen, centres(patches)] : seen;
  const found = applyNetwork<tf.Tensor2D>(network, input, { training }); //               [N, D]
  if (!features?.normalise) return found;
  const squares = tf.sum(tf.square(found), 1, true); //                                   [N, 1]
  return tf.mul(found, tf.rsqrt(tf.maximum(squares, LEAST_SQUARES)));
}

/** [N, 2] */
function centres(patches: readonly Raster[]): tf.Tensor2D {
  return tf.tensor2d(
    patches.map(({ centre }) => {
      if (centre === undefined) throw new TypeError('the model wants to know where its patches lie, and is not told');
      return [...centre];
    }),
  );
}
