import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { attentionMaps, type ShownOverviews } from '../model/attention.ts';
import { reachOf } from '../model/inference.ts';
import type { Manifest } from '../model/manifest.ts';
import { takeValues } from '../model/take-values.ts';
import type { AttentionMap, Raster } from '../scene.ts';

/**
 * Attends to the overviews of a step with the network as it is now, by the very map that the step has the gradient of: to
 * each as it is, and never to its mirror image or magnified, as in use.
 */
export async function attendBatch(
  network: LayersModel,
  { shown, size }: { readonly shown: ShownOverviews; readonly size: Pick<Raster, 'width' | 'height'> },
  model: Pick<Manifest, 'attention'> & Partial<Pick<Manifest, 'overview' | 'patch'>>,
): Promise<AttentionMap[]> {
  const { values, width, height } = tf.tidy(() => attentionMaps(network, shown, model.attention)); //            [B, h·w]
  const all = await takeValues(values);
  const reach = reachOf(network, size, model);
  const cells = width * height;
  return Array.from({ length: all.length / cells }, (_, scene) => ({
    values: all.subarray(scene * cells, (scene + 1) * cells),
    ...{ width, height },
    ...(reach && { reach }),
  }));
}
