import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type OverviewTraining,
  overviewClassifier,
  trainOverviewClassifier,
} from '../../../src/training/baselines/overview-classifier.ts';
import type { LabelledRaster } from '../../../src/training/baselines/raster-classifier.ts';
import { type Experiment, readExperiment } from '../../../src/training/experiment.ts';
import { smallRaster } from '../../fakes/small-networks.ts';

describe('trainOverviewClassifier', () => {
  let experiment: Experiment;
  beforeAll(async () => {
    await tf.setBackend('cpu');
    experiment = small(await readExperiment('experiments/harbour.yaml'));
  });
  const overviews = new Map([
    ['small', spots(20, 12)],
    ['large', spots(20, 16)],
  ]);

  it('learns what can be seen in an overview, at any size', () => {
    const network = trainOverviewClassifier({ experiment, overviews });
    const right = overviewClassifier(network, experiment).judge(spots(70, 20)).filter(Boolean);
    expect(right.length).toBeGreaterThanOrEqual(68);
  });

  it('takes as many steps as the experiment says, the same ones whoever watches', () => {
    const weights = (report?: OverviewTraining['report']) => {
      const network = trainOverviewClassifier({ experiment, overviews, ...(report && { report }) });
      return network.getWeights().map((weight) => Array.from(weight.dataSync()));
    };
    const steps: number[] = [];
    const validated: number[] = [];
    const watched = weights((step, loss, error) => {
      steps.push(Number.isFinite(loss) ? step : Number.NaN);
      if (error !== undefined) validated.push(step);
    });
    expect(validated).toEqual([8, 16, 24, 32, 40]);
    expect(steps).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    expect(weights()).toEqual(watched);
  });
});

/** Noise, and noise with a bright spot in the middle. */
function spots(count: number, side: number): LabelledRaster[] {
  return Array.from({ length: count }, (_, index) => {
    const raster = smallRaster(side, side, index);
    const data = Uint8Array.from(raster.data, (sample) => sample / 4);
    const label = index % 2;
    if (label === 1) data[(side * (side + 1)) / 2] = 255;
    return { raster: { ...raster, data }, label };
  });
}

function small({ model, training }: Experiment): Experiment {
  const conv = (filters: number, activation: 'relu' | 'linear') => ({
    conv: { filters, kernel: 3, stride: 1, activation },
  });
  const networks = { ...model.networks, attention: [conv(6, 'relu'), conv(1, 'linear')] };
  return {
    model: { ...model, bands: [{ name: 'grey', scale: 1 / 128, offset: -1 }], networks },
    training: {
      ...training,
      batch: 10,
      stages: [
        { dataset: 'small', steps: 25, learningRate: 0.03 },
        { dataset: 'large', steps: 15, learningRate: 0.01 },
      ],
      validation: { dataset: 'large', everySteps: 8 },
    },
  };
}
