import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { draw } from '../../src/model/estimators/draw.ts';
import { fieldOf, gridGeometry } from '../../src/model/geometry.ts';
import { inference } from '../../src/model/inference.ts';
import type { Draw, Verdict } from '../../src/model/model.ts';
import { buildNetwork } from '../../src/model/networks.ts';
import { patchWindows } from '../../src/model/patch-windows.ts';
import { windowStack } from '../../src/model/window-stack.ts';
import { smallNetworks, smallRaster } from '../fakes/small-networks.ts';

const bands = [{ name: 'grey', scale: 1 / 255, offset: 0 }];
const estimator = 'gumbel-kappa-normalised';
const settings = { bands, attention: { smoothing: 1e-3 } };

function weightsOf({ cells }: Draw): number[] {
  const weights = cells.map(({ coefficient, attention }) => coefficient * attention);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

describe('inference', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('tells how far apart places must be to have no pixel in common, where it knows how large patches are', async () => {
    const attend = (more: object) => inference(smallNetworks(), { ...settings, ...more }).attend(smallRaster(24, 20));
    const sizes = { patch: { size: 20 }, overview: { scale: 4, resampling: 'average' } };
    expect(await attend(sizes)).toMatchObject({ reach: { x: 3, y: 3 } }); // cells of 2 · 4 pixels
    expect(await attend({})).not.toHaveProperty('reach');
  });

  it('attends with a distribution over the grid, in which no cell has less than its part of the smoothing', async () => {
    const { attend } = inference(smallNetworks(), settings);
    const { values, width, height } = await attend(smallRaster(24, 20));
    expect([width, height]).toEqual([12, 10]);
    expect(values.reduce((sum, a) => sum + a, 0)).toBeCloseTo(1, 5);
    expect(Math.min(...values)).toBeGreaterThanOrEqual((1e-3 / 120) * 0.999);
  });

  describe('on a scene of which only a part has data', () => {
    const whole = smallRaster(24, 20);
    // The left 10 columns but for one pixel, (3, 6), which lies in the cell of column 1 and row 3.
    const valid = Uint8Array.from({ length: 480 }, (_, i) => (i % 24 >= 10 || i === 6 * 24 + 3 ? 1 : 0));
    const garbled = (sample: number) => whole.data.map((value, i) => (valid[i] ? value : sample));

    it('attends to nothing but the cells with data, and draws no other', async () => {
      const { attend } = inference(smallNetworks(), settings);
      const map = await attend({ ...whole, valid });
      const cells = [...map.values].map((a, cell) => ({ a, x: cell % 12, y: Math.floor(cell / 12) }));
      const open = ({ x, y }: { x: number; y: number }) => x >= 5 || (x === 1 && y === 3);
      const least = (1e-3 / cells.filter(open).length) * 0.999;
      for (const cell of cells) {
        if (open(cell)) expect(cell.a).toBeGreaterThanOrEqual(least);
        else expect(cell.a).toBe(0);
      }
      expect(map.values.reduce((sum, a) => sum + a, 0)).toBeCloseTo(1, 5);
      for (let seed = 0; seed < 300; seed += 1) {
        const { cells: drawn } = draw(map, { estimator, patches: 10, seed, key: [] });
        expect(drawn.every(({ cell }) => (map.values[cell] ?? 0) > 0)).toBe(true);
      }
    });

    it('does not care what pixels without data hold, not even if they are no numbers', async () => {
      const { attend, look } = inference(smallNetworks(), settings);
      const zeros = await attend({ ...whole, data: garbled(0), valid });
      expect(await attend({ ...whole, data: garbled(255), valid })).toEqual(zeros);
      const noNumbers = Float32Array.from(garbled(0), (v, i) => (valid[i] ? v : NaN));
      expect(await attend({ ...whole, data: noNumbers, valid })).toEqual(zeros);
      const patch = { ...smallRaster(8, 8), valid: new Uint8Array(64).fill(1, 8) };
      const drawn = draw(zeros, { estimator, patches: 1, seed: 0, key: [] });
      const seen = await look([patch], drawn);
      const broken = Float32Array.from(patch.data, (v, i) => (i < 8 ? NaN : v));
      expect(await look([{ ...patch, data: broken }], drawn)).toEqual(seen);
    });

    it('refuses one without any', async () => {
      const { attend } = inference(smallNetworks(), settings);
      await expect(attend({ ...whole, valid: new Uint8Array(480) })).rejects.toThrow(
        'none of 120 places in the scene has data',
      );
    });
  });

  it('attends with a padded network to every pixel of an overview, and looks where its cells are', async () => {
    const padded = { conv: { filters: 1, kernel: 3, padding: 'same' as const, activation: 'linear' as const } };
    const attention = buildNetwork('attention', [null, null, 1], [padded, padded], 1);
    const { attend } = inference({ ...smallNetworks(), attention }, settings);
    const overview = smallRaster(24, 20);
    const { width, height } = await attend(overview);
    expect([width, height]).toEqual([24, 20]);
    const grid = gridGeometry(windowStack(attention), overview);
    expect(fieldOf(grid)).toEqual({ x: 0, y: 0, width: 24, height: 20 });
    const draws: Draw = {
      estimator,
      seed: 0,
      cells: [
        { cell: 0, attention: 1, coefficient: 1 },
        { cell: 24 * 20 - 1, attention: 1, coefficient: 1 },
      ],
    };
    expect(patchWindows(draws, { grid, level: { width: 96, height: 80 }, overview, patch: 8 })).toEqual([
      { x: 0, y: 0, width: 8, height: 8 },
      { x: 88, y: 72, width: 8, height: 8 },
    ]);
  });

  it('leaves no tensor behind, not even of scenes that are computed side by side', async () => {
    const { attend, look } = inference(smallNetworks(), settings);
    const overview = smallRaster(24, 20);
    const patches = Array.from({ length: 4 }, (_, i) => smallRaster(8, 8, i));
    const before = tf.memory().numTensors;
    const scene = async (seed: number) =>
      look(patches, draw(await attend(overview), { estimator, patches: 4, seed, key: [] }));
    await Promise.all([scene(0), scene(1), scene(2)]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('pulls by places sum to 0, and vanish where all places look alike', async () => {
    const { attend, look } = inference(smallNetworks(), settings);
    const drawn = draw(await attend(smallRaster(24, 20)), { estimator, patches: 4, seed: 1, key: [] });
    const { pulls, standardError } = await look(
      drawn.cells.map((_, i) => smallRaster(8, 8, i)),
      drawn,
    );
    expect(pulls.reduce((sum, pull) => sum + pull, 0)).toBeCloseTo(0, 5);
    expect(standardError).toBeGreaterThan(0);
    const alike = await look(
      drawn.cells.map(() => smallRaster(8, 8, 1)),
      drawn,
    );
    expect(alike.standardError).toBeCloseTo(0, 6);
  });

  it('gives the influence of a place: what a little more weight on it does to the log-odds', async () => {
    const networks = smallNetworks();
    const { attend, look } = inference(networks, settings);
    const drawn = draw(await attend(smallRaster(24, 20)), { estimator, patches: 3, seed: 2, key: [] });
    const patches = drawn.cells.map((_, i) => smallRaster(8, 8, i));
    const answer = await look(patches, drawn);
    const best = answer.probabilities.indexOf(Math.max(...answer.probabilities));
    const logOdds = ({ probabilities }: Verdict) => {
      const p = probabilities[best]!;
      return Math.log(p / (1 - p));
    };
    const step = 1e-3;
    for (const [i, cell] of drawn.cells.entries()) {
      // Raising wᵢ/Σw by a share ε of itself moves the estimate by ε·w̃ᵢ·(fᵢ − F̂), to first order.
      const heavier = drawn.cells.map((c, j) => (j === i ? { ...cell, attention: cell.attention * (1 + step) } : c));
      const weight = weightsOf(drawn)[i]!;
      const slope = (logOdds(await look(patches, { ...drawn, cells: heavier })) - logOdds(answer)) / step;
      expect(slope).toBeCloseTo(answer.pulls[i]!, 2 + Math.round(-Math.log10(weight + 0.1)));
    }
  });

  it('has an error bar that covers the exact answer about as often as it says', async () => {
    const { attend, look } = inference(smallNetworks(), settings);
    const attention = await attend(smallRaster(24, 20));
    const patchOf = (cell: number) => smallRaster(8, 8, cell);
    const all = draw(attention, { estimator, patches: attention.values.length, seed: 0, key: [] });
    const exact = await look(
      all.cells.map(({ cell }) => patchOf(cell)),
      all,
    );
    expect(exact.standardError).toBe(0);
    const best = exact.probabilities.indexOf(Math.max(...exact.probabilities));
    let covered = 0;
    for (let seed = 0; seed < 200; seed += 1) {
      const drawn = draw(attention, { estimator, patches: 20, seed, key: ['coverage'] });
      const verdict = await look(
        drawn.cells.map(({ cell }) => patchOf(cell)),
        drawn,
      );
      if (Math.abs(verdict.probabilities[best]! - exact.probabilities[best]!) < 2 * verdict.standardError) covered += 1;
    }
    expect(covered / 200).toBeGreaterThan(0.88);
  });
});
