import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { applyNetwork } from '../../model/apply-network.ts';
import type { Manifest } from '../../model/manifest.ts';
import { pixels } from '../../model/pixels.ts';
import type { Raster } from '../../scene.ts';
import { ScheduledAdam } from '../adam.ts';

/** A raster, and the index of the class that it shall be answered with. */
export type LabelledRaster = { readonly raster: Raster; readonly label: number };

/** A network that answers for a whole raster at once, and how it learns to. Rasters of a batch are of one size. */
export type RasterClassifier = {
  /** One step down the cross entropy of a batch, which it returns. */
  step(batch: readonly LabelledRaster[], learningRate: number): number;
  /** Whether each raster is answered rightly. */
  judge(rasters: readonly LabelledRaster[]): boolean[];
};

const JUDGED_AT_A_TIME = 64;

/** @param network [B, height, width, bands] → [B, K] logits */
export function rasterClassifier(
  network: LayersModel,
  { bands, clipNorm }: Pick<Manifest, 'bands'> & { readonly clipNorm: number },
): RasterClassifier {
  const optimizer = new ScheduledAdam(clipNorm);
  const logitsOf = (batch: readonly LabelledRaster[]) =>
    applyNetwork<tf.Tensor2D>(
      network,
      pixels(
        batch.map(({ raster }) => raster),
        bands,
      ),
    ); // [B, K]
  return {
    step: (batch, learningRate) =>
      optimizer.descend(() => {
        const logits = logitsOf(batch);
        const labels = tf.tensor1d(
          batch.map(({ label }) => label),
          'int32',
        );
        return tf.mean(tf.losses.softmaxCrossEntropy(tf.oneHot(labels, logits.shape[1]), logits)) as tf.Scalar;
      }, learningRate),
    judge: (rasters) =>
      inBatches(rasters).flatMap((batch) => {
        const answers = tf.tidy(() => tf.argMax(logitsOf(batch), 1).dataSync());
        return batch.map(({ label }, index) => label === answers[index]);
      }),
  };
}

function inBatches<T>(all: readonly T[]): T[][] {
  const starts = Array.from(
    { length: Math.ceil(all.length / JUDGED_AT_A_TIME) },
    (_, batch) => batch * JUDGED_AT_A_TIME,
  );
  return starts.map((start) => all.slice(start, start + JUDGED_AT_A_TIME));
}
