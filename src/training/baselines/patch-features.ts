import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type FeatureSettings, featuresOf } from '../../model/features-of.ts';
import { scoped } from '../../model/scope.ts';
import { placePatches } from '../../place-patches.ts';
import type { Raster, Window } from '../../scene.ts';
import type { GradientSum } from '../gradient-sum.ts';
import type { StoredScene } from '../scene-store.ts';

/**
 * Features of more patches than fit into memory at once, and the exact gradient through them. Patches are read and run
 * through the network in parts, of which only the features are kept. For the gradient, each part is run once more
 * (gradient checkpointing): one forward pass more, in the memory of one part. Batch norms, where there are some, go by
 * the part.
 *
 * Shapes: P patches, D feature.
 */
export type PatchStream = {
  readonly network: LayersModel;
  readonly settings: FeatureSettings;
  readonly places: readonly PatchPlace[];
  /** Patches in a part. */
  readonly atOnce: number;
};

export type PatchPlace = { readonly scene: StoredScene; readonly window: Window };

/**
 * @param options.training as in `featuresOf`
 * @returns [P, D], for the caller to dispose of
 */
export async function patchFeatures(
  { network, settings, places, atOnce }: PatchStream,
  options: { readonly training: boolean },
): Promise<tf.Tensor2D> {
  const parts: tf.Tensor2D[] = [];
  try {
    for (const part of partsOf(places, atOnce)) {
      const patches = await readPatches(part);
      parts.push(scoped(() => tf.keep(featuresOf(network, patches, settings, options))));
    }
    return scoped(() => tf.keep(tf.concat2d(parts, 0)));
  } finally {
    tf.dispose(parts);
  }
}

/**
 * The gradient in the network's weights of a loss whose gradient in the features is known: Σ over patches of
 * ∂loss/∂h · ∂h/∂weights.
 * @param slopes [P, D] ∂loss/∂h
 */
export async function addPatchGradients(
  { network, settings, places, atOnce }: PatchStream,
  slopes: tf.Tensor2D,
  sum: GradientSum,
): Promise<void> {
  let first = 0;
  for (const part of partsOf(places, atOnce)) {
    const patches = await readPatches(part);
    scoped(() => {
      const slope = tf.slice(slopes, [first, 0], [part.length, -1]);
      const { grads } = tf.variableGrads(() => {
        const features = featuresOf(network, patches, settings, { training: true });
        return tf.sum(tf.mul(features, slope)) as tf.Scalar;
      });
      sum.add(grads);
    });
    first += part.length;
  }
}

/** Neighbours of one scene are read together. */
export async function readPatches(places: readonly PatchPlace[]): Promise<Raster[]> {
  const runs: { scene: StoredScene; windows: Window[] }[] = [];
  for (const { scene, window } of places) {
    const run = runs.at(-1);
    if (run?.scene === scene) run.windows.push(window);
    else runs.push({ scene, windows: [window] });
  }
  return (
    await Promise.all(
      runs.map(async ({ scene, windows }) => placePatches(await scene.patches(windows), windows, scene)),
    )
  ).flat();
}

function partsOf<T>(all: readonly T[], size: number): T[][] {
  const starts = Array.from({ length: Math.ceil(all.length / size) }, (_, part) => part * size);
  return starts.map((start) => all.slice(start, start + size));
}
