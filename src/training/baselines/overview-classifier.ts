import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { buildNetwork } from '../../model/networks.ts';
import type { Experiment } from '../experiment.ts';
import { batchOf, stageOf } from '../schedule.ts';
import { type LabelledRaster, type RasterClassifier, rasterClassifier } from './raster-classifier.ts';

/**
 * What can be told from the overview alone: the experiment's attention network made to answer itself. Its last layer,
 * which scores cells, is replaced by the maximum over all cells and the experiment's head. It is shown the same scenes in
 * the same order, for as many steps, and as there the step that does best on validation is kept.
 */
export type OverviewTraining = {
  readonly experiment: Experiment;
  /** Overviews of the experiment's data sets by their names. */
  readonly overviews: ReadonlyMap<string, readonly LabelledRaster[]>;
  /** Told of every step; `error` is that on validation, where it was measured. */
  readonly report?: (step: number, loss: number, error: number | undefined) => void;
};

export function trainOverviewClassifier({ experiment, overviews, report }: OverviewTraining): LayersModel {
  const { stages, validation } = experiment.training;
  const network = overviewNetwork(experiment);
  const classifier = overviewClassifier(network, experiment);
  const held = overviews.get(validation.dataset) ?? [];
  let best = { right: -1, weights: [] as tf.Tensor[] };
  for (let step = 0, at = stageOf(stages, step); at; step += 1, at = stageOf(stages, step)) {
    const batch = batchOf(overviews.get(at.stage.dataset) ?? [], at.index, experiment.training);
    const loss = classifier.step(batch, at.stage.learningRate);
    const due = stageOf(stages, step + 1) === undefined || (step + 1) % validation.everySteps === 0;
    const right = due ? classifier.judge(held).filter(Boolean).length : undefined;
    report?.(step + 1, loss, right === undefined ? undefined : 1 - right / held.length);
    if (right === undefined || right < best.right) continue;
    tf.dispose(best.weights);
    best = { right, weights: network.getWeights().map((weight) => tf.clone(weight)) };
  }
  network.setWeights(best.weights);
  tf.dispose(best.weights);
  return network;
}

export function overviewClassifier(network: LayersModel, { model, training }: Experiment): RasterClassifier {
  return rasterClassifier(network, { bands: model.bands, clipNorm: training.clipNorm });
}

function overviewNetwork({ model, training }: Experiment): LayersModel {
  const { attention, head } = model.networks;
  const layers = [...attention.slice(0, -1), { globalMaxPool: true as const }, ...head];
  return buildNetwork('overview', [null, null, model.bands.length], layers, training.seed);
}
