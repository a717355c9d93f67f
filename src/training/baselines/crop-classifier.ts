import { buildNetwork } from '../../model/networks.ts';
import { randomKey, uniform } from '../../random.ts';
import { turnRaster, WAYS } from '../augment/turn-scene.ts';
import { batchOf } from '../schedule.ts';
import { type LabelledRaster, rasterClassifier } from './raster-classifier.ts';

/**
 * A small convolutional network on crops of one size: how well can something be told when one is shown the right place?
 * It is the yardstick for data sets (what can be seen in an overview, what only at full resolution), not a rival.
 */
export type CropClassifier = {
  /** Share of crops answered rightly. */
  accuracy(crops: readonly LabelledRaster[]): number;
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
  crops: readonly LabelledRaster[],
  { classes, steps, seed, report }: CropTraining,
): CropClassifier {
  const layers = [relu(16, 5, 2), relu(32, 3), { maxPool: 2 }, relu(32, 3), { globalMaxPool: true as const }];
  const side = (crops[0] as LabelledRaster).raster.width;
  const head = [{ dense: { units: classes, activation: 'linear' as const } }];
  const network = buildNetwork('crop', [side, side, BANDS.length], [...layers, ...head], seed);
  const classifier = rasterClassifier(network, { bands: BANDS, clipNorm: 1 });
  for (let step = 0; step < steps; step += 1) {
    const batch = batchOf(crops, step, { batch: BATCH, seed }).map((crop, i) => turned(crop, seed, step * BATCH + i));
    const loss = classifier.step(batch, LEARNING_RATE);
    report?.(step + 1, loss);
  }
  return { accuracy: (asked) => classifier.judge(asked).filter(Boolean).length / asked.length };
}

/** A vessel has no right way up. */
function turned({ raster, label }: LabelledRaster, seed: number, index: number): LabelledRaster {
  const way = Math.floor(uniform(randomKey(seed, 'turn'), index) * WAYS);
  return { raster: turnRaster(raster, way), label };
}
