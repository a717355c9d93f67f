import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { attentionMaps } from '../../src/model/attention.ts';
import { type Experiment, readExperiment } from '../../src/training/experiment.ts';
import { openWorkshop } from '../../src/training/workshop.ts';
import { smallRaster } from '../fakes/small-networks.ts';

const { signal } = new AbortController();
const overview = { ...smallRaster(3 * 40, 32), width: 40, bands: 3 };

describe('openWorkshop', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it.each([{ mirrored: true }, { magnification: 1.25 }])(
    'draws places by the very map that a step has the gradient of, and judges by what is in use: %o',
    async (inUseOnly) => {
      const read = (await readExperiment('experiments/speed-limits.yaml')) as Experiment;
      const model = { ...read.model, attention: { smoothing: 1e-4, ...inUseOnly } };
      const { networks, show, attend, inference } = openWorkshop({ ...read, model }, { signal });
      const shown = show([overview, overview]);
      const ofStep = attentionMaps(networks.attention, shown, model.attention).values.arraySync();
      expect((await attend(shown, overview)).map(({ values }) => Array.from(values))).toEqual(ofStep);
      const inUse = (await inference.attend(overview)).values;
      expect(Math.max(...inUse.map((value, cell) => Math.abs(value - (ofStep[0]?.[cell] as number))))).toBeGreaterThan(
        1e-5,
      );
    },
  );
});
