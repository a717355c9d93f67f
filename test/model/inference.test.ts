import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { draw } from '../../src/model/draw.ts';
import { selfNormalisedWeights } from '../../src/model/estimate.ts';
import { inference } from '../../src/model/inference.ts';
import { smallNetworks, smallRaster } from '../fakes/small-networks.ts';

const bands = [{ name: 'grey', scale: 1 / 255, offset: 0 }];
const settings = { bands, attention: { smoothing: 1e-3 } };

describe('inference', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('attends with a distribution over the grid, in which no cell has less than its part of the smoothing', () => {
    const { attend } = inference(smallNetworks(), settings);
    const { values, width, height } = attend(smallRaster(24, 20));
    expect([width, height]).toEqual([12, 10]);
    expect(values.reduce((sum, a) => sum + a, 0)).toBeCloseTo(1, 5);
    expect(Math.min(...values)).toBeGreaterThanOrEqual((1e-3 / 120) * 0.999);
  });

  it('leaves no tensor behind', () => {
    const { attend, look } = inference(smallNetworks(), settings);
    const overview = smallRaster(24, 20);
    const patches = Array.from({ length: 4 }, (_, i) => smallRaster(8, 8, i));
    const before = tf.memory().numTensors;
    for (let i = 0; i < 3; i += 1) look(patches, draw(attend(overview), { patches: 4, seed: i, key: [] }));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('pulls by places sum to 0, and vanish where all places look alike', () => {
    const { attend, look } = inference(smallNetworks(), settings);
    const drawn = draw(attend(smallRaster(24, 20)), { patches: 4, seed: 1, key: [] });
    const { pulls, standardError } = look(
      drawn.cells.map((_, i) => smallRaster(8, 8, i)),
      drawn,
    );
    expect(pulls.reduce((sum, pull) => sum + pull, 0)).toBeCloseTo(0, 5);
    expect(standardError).toBeGreaterThan(0);
    const alike = look(
      drawn.cells.map(() => smallRaster(8, 8, 1)),
      drawn,
    );
    expect(alike.standardError).toBeCloseTo(0, 6);
  });

  it('gives the influence of a place: what a little more weight on it does to the log-odds', () => {
    const networks = smallNetworks();
    const { attend, look } = inference(networks, settings);
    const drawn = draw(attend(smallRaster(24, 20)), { patches: 3, seed: 2, key: [] });
    const patches = drawn.cells.map((_, i) => smallRaster(8, 8, i));
    const answer = look(patches, drawn);
    const best = answer.probabilities.indexOf(Math.max(...answer.probabilities));
    const logOdds = ({ probabilities }: typeof answer) => {
      const p = probabilities[best]!;
      return Math.log(p / (1 - p));
    };
    const step = 1e-3;
    drawn.cells.forEach((cell, i) => {
      // Raising wᵢ/Σw by a share ε of itself moves the estimate by ε·w̃ᵢ·(fᵢ − F̂), to first order.
      const heavier = drawn.cells.map((c, j) => (j === i ? { ...cell, attention: cell.attention * (1 + step) } : c));
      const weight = selfNormalisedWeights(drawn.cells)[i]!;
      const slope = (logOdds(look(patches, { ...drawn, cells: heavier })) - logOdds(answer)) / step;
      expect(slope).toBeCloseTo(answer.pulls[i]!, 2 + Math.round(-Math.log10(weight + 0.1)));
    });
  });

  it('has an error bar that covers the exact answer about as often as it says', () => {
    const { attend, look } = inference(smallNetworks(), settings);
    const attention = attend(smallRaster(24, 20));
    const patchOf = (cell: number) => smallRaster(8, 8, cell);
    const all = draw(attention, { patches: attention.values.length, seed: 0, key: [] });
    const exact = look(
      all.cells.map(({ cell }) => patchOf(cell)),
      all,
    );
    expect(exact.standardError).toBe(0);
    const best = exact.probabilities.indexOf(Math.max(...exact.probabilities));
    let covered = 0;
    for (let seed = 0; seed < 200; seed += 1) {
      const drawn = draw(attention, { patches: 20, seed, key: ['coverage'] });
      const verdict = look(
        drawn.cells.map(({ cell }) => patchOf(cell)),
        drawn,
      );
      if (Math.abs(verdict.probabilities[best]! - exact.probabilities[best]!) < 2 * verdict.standardError) covered += 1;
    }
    expect(covered / 200).toBeGreaterThan(0.88);
  });
});
