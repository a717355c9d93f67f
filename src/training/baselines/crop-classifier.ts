import * as tf from '@tensorflow/tfjs-core';
import { applyNetwork } from '../../model/apply-network.ts';
import { buildNetwork } from '../../model/networks.ts';
import { pixels } from '../../model/pixels.ts';
import { randomKey, uniform } from '../../random.ts';
import type { Raster } from '../../scene.ts';
import { ScheduledAdam } from '../adam.ts';
import { batchOf } from '../schedule.ts';

/**
 * A small convolutional network on crops of one size: how well can something be told when one is shown the right place?
 * It is the yardstick for data sets (what can be seen in an overview, what only at full resolution), not a rival.
 */
export type Crop = { readonly raster: Raster; readonly label: number };

export type CropClassifier = {
  /** Share of crops answered rightly. */
  accuracy(crops: readonly Crop[]): number;
};

export type CropTraining = {
  readonly classes: number;
  readonly steps: number;
  readonly seed: number;
  readonly report?: (step: number, loss: number) => void;
};

const BATCH = 64;
const LEARNING_RATE = 1e-3;
const BANDS = ['red', 'green', 'blue'].map((name) => ({ name, scale: 1 / 127.5, offset: -1 }));
const relu = (filters: number, kernel: number, stride = 1) => ({
  conv: { filters, kernel, stride, activation: 'relu' as const },
});

export function trainCropClassifier(
  crops: readonly Crop[],
  { classes, steps, seed, report }: CropTraining,
): CropClassifier {
  const layers = [relu(16, 5, 2), relu(32, 3), { maxPool: 2 }, relu(32, 3), { globalMaxPool: true as const }];
  const side = (crops[0] as Crop).raster.width;
  const head = [{ dense: { units: classes, activation: 'linear' as const } }];
  const network = buildNetwork('crop', [side, side, BANDS.length], [...layers, ...head], seed);
  const optimizer = new ScheduledAdam(1);
  for (let step = 0; step < steps; step += 1) {
    const batch = batchOf(crops, step, { batch: BATCH, seed }).map((crop, i) => turned(crop, seed, step * BATCH + i));
    const loss = optimizer.descend(() => {
      const logits = applyNetwork<tf.Tensor2D>(network, pixels(rasters(batch), BANDS)); // [B, K]
      const labels = tf.oneHot(
        tf.tensor1d(
          batch.map(({ label }) => label),
          'int32',
        ),
        classes,
      );
      return tf.mean(tf.losses.softmaxCrossEntropy(labels, logits)) as tf.Scalar;
    }, LEARNING_RATE);
    report?.(step + 1, loss);
  }
  return { accuracy: (asked) => accuracy(network, asked) };
}

function accuracy(network: ReturnType<typeof buildNetwork>, crops: readonly Crop[]): number {
  let right = 0;
  for (let start = 0; start < crops.length; start += BATCH) {
    const batch = crops.slice(start, start + BATCH);
    const answers = tf.tidy(() => {
      const logits = applyNetwork<tf.Tensor2D>(network, pixels(rasters(batch), BANDS));
      return tf.argMax(logits, 1).dataSync();
    });
    right += batch.filter(({ label }, i) => label === answers[i]).length;
  }
  return right / crops.length;
}

const rasters = (crops: readonly Crop[]) => crops.map(({ raster }) => raster);

/** One of the eight ways to turn and mirror a square: a vessel has no right way up. */
function turned({ raster, label }: Crop, seed: number, index: number): Crop {
  const way = Math.floor(uniform(randomKey(seed, 'turn'), index) * 8);
  const { width: side, bands } = raster;
  const data = new Uint8Array(raster.data.length);
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      const [mirrored, flipped] = [way & 1 ? side - 1 - x : x, way & 2 ? side - 1 - y : y];
      const from = way & 4 ? mirrored * side + flipped : flipped * side + mirrored;
      for (let band = 0; band < bands; band += 1) {
        data[(y * side + x) * bands + band] = raster.data[from * bands + band] as number;
      }
    }
  }
  return { raster: { ...raster, data }, label };
}
