import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, it } from 'vitest';
import { costByPlaces, MOST_CELLS } from '../../src/commands/cost-by-places.ts';
import type { EstimatorName } from '../../src/model/estimators/estimator-name.ts';
import type { Inference } from '../../src/model/inference.ts';
import type { Raster } from '../../src/scene.ts';
import type { LabelledScene } from '../../src/training/labels.ts';

const SIDE = 4;
/** Each pixel of it is a cell, and the patch of 16 × 16 under it. */
const overview: Raster = { data: new Uint8Array(SIDE * SIDE), width: SIDE, height: SIDE, bands: 1 };
const scenes: LabelledScene[] = ['a', 'b', 'c'].map((id) => ({ id, path: `${id}.tif`, class: 'one' }));

const alike = scenes.map(() => SIDE * SIDE);

/**
 * Right from ten places on. Keeps how many places each scene was looked at in.
 * @param attended cells of each scene that have attention
 */
function asked(
  cells: readonly number[],
  estimator: EstimatorName = 'gumbel-kappa-normalised',
  attended: number = SIDE * SIDE,
) {
  const places: number[] = [];
  const inference: Inference = {
    attend: async () => ({
      values: new Float32Array(SIDE * SIDE).fill(1 / attended, 0, attended),
      width: SIDE,
      height: SIDE,
    }),
    async look(patches) {
      places.push(patches.length);
      const probabilities = patches.length >= 10 ? [0.1, 0.9] : [0.9, 0.1];
      return { probabilities, standardError: 0, pulls: patches.map(() => 0) };
    },
  };
  const rows = costByPlaces(scenes, cells, {
    ...{ stack: { x: [], y: [] }, patch: 16, estimator, patches: 2, seed: 0 },
    store: {
      load: async () => ({ overview, width: 64, height: 64, patches: async (all) => all.map(() => overview) }),
    },
    inference,
    classes: ['none', 'one'],
  });
  return { rows, places };
}

describe('costByPlaces', () => {
  it('asks for no more places than there are, and then for all of them', async () => {
    const { rows } = asked(alike);
    expect((await rows).map(({ places }) => places)).toEqual([5, 10, 'all']);
  });

  it('leaves the exact pass out where one scene has too many places to hold, whichever it is', async () => {
    const { rows } = asked([5, 10, MOST_CELLS + 1]);
    expect((await rows).map(({ places }) => places)).toEqual([5, 10, 25, 50, 100]);
  });

  it('has but the exact pass for an estimator that takes all places, whatever their number, and only within bounds', async () => {
    expect((await asked(alike, 'all').rows).map(({ places }) => places)).toEqual(['all']);
    expect(await asked([5, 10, MOST_CELLS + 1], 'all').rows).toEqual([]);
  });

  it('tells of each whether scenes had so many places to look at', async () => {
    const { rows } = asked(alike, 'gumbel-kappa-normalised', 7);
    expect((await rows).map(({ places, asAsked }) => [places, asAsked])).toEqual([
      [5, true],
      [10, false],
      ['all', false],
    ]);
  });

  it('tells of each how often it is wrong, over all scenes', async () => {
    const { rows, places } = asked(alike);
    expect((await rows).map(({ error, scenes }) => [error, scenes])).toEqual([
      [1, 3],
      [0, 3],
      [0, 3],
    ]);
    expect(Math.max(...places)).toBe(SIDE * SIDE);
    expect((await rows).every(({ seconds, tensorBytes }) => seconds > 0 && tensorBytes >= 0)).toBe(true);
  });
});
