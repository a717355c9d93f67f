import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { draw } from '../../../src/model/estimators/draw.ts';
import { type EstimatorName, estimatorNames } from '../../../src/model/estimators/estimator-name.ts';
import { estimators } from '../../../src/model/estimators/estimators.ts';
import { attentionMap } from '../../fakes/attention-map.ts';

const cellsOf = (attention: ReturnType<typeof attentionMap>, estimator: EstimatorName, patches: number, seed: number) =>
  draw(attention, { estimator, patches, seed, key: ['scene'] }).cells.map(({ cell }) => cell);

/** Those whose N places are N cells. */
const without: EstimatorName[] = estimatorNames.filter((name) => name !== 'with-replacement' && name !== 'all');
const chancy = estimatorNames.filter((name) => name !== 'top' && name !== 'peaks' && name !== 'all');

describe('draw', () => {
  it.each(estimatorNames)('never takes a cell twice, nor one without attention: %s', (estimator) => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1, noNaN: true })), {
          minLength: 1,
          maxLength: 40,
        }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer(),
        (values, patches, seed) => {
          const positive = values.filter((value) => value > 0).length;
          fc.pre(positive > 0);
          const cells = cellsOf(attentionMap(values), estimator, patches, seed);
          expect(new Set(cells).size).toBe(cells.length);
          if (without.includes(estimator)) expect(cells).toHaveLength(Math.min(patches, positive));
          for (const cell of cells) expect(values[cell]).toBeGreaterThan(0);
        },
      ),
    );
  });

  it.each(estimatorNames)('takes the only cell that has attention, with coefficient 1: %s', (estimator) => {
    const { cells } = draw(attentionMap([0, 0, 1, 0]), { estimator, patches: 3, seed: 1, key: [] });
    expect(cells).toMatchObject([{ cell: 2, attention: 1, coefficient: 1 }]);
    expect(cells).toHaveLength(1);
  });

  it.each(without)(
    'takes all cells of a map that has no more than asked for, each with coefficient 1: %s',
    (estimator) => {
      const { cells } = draw(attentionMap([1, 2, 3]), { estimator, patches: 3, seed: 4, key: [] });
      expect(cells.map(({ coefficient }) => coefficient)).toEqual([1, 1, 1]);
    },
  );

  it.each(chancy)('is the same for the same seed and key, and another for another: %s', (estimator) => {
    const flat = attentionMap(new Array<number>(2000).fill(1));
    const drawn = (seed: number, key: string) => draw(flat, { estimator, patches: 5, seed, key: [key] }).cells;
    expect(drawn(3, 'one')).toEqual(drawn(3, 'one'));
    expect(drawn(4, 'one')).not.toEqual(drawn(3, 'one'));
    expect(drawn(3, 'other')).not.toEqual(drawn(3, 'one'));
  });

  it.each(chancy)('cannot tell the variance of one place drawn by lot: %s', (estimator) => {
    const { cells } = draw(attentionMap([1, 2, 3]), { estimator, patches: 1, seed: 4, key: [] });
    expect(cells).toHaveLength(1);
    expect(estimators[estimator].variance(cells, [0.5])).toBe(Number.POSITIVE_INFINITY);
  });

  it.each(['gumbel-kappa-plain', 'gumbel-kappa-normalised', 'without-replacement'] as const)(
    'extends a smaller draw by a larger one: %s',
    (estimator) => {
      const hilly = attentionMap(Array.from({ length: 50 }, (_, i) => 1 + (i % 7)));
      expect(cellsOf(hilly, estimator, 20, 9).slice(0, 5)).toEqual(cellsOf(hilly, estimator, 5, 9));
    },
  );

  it.each(chancy.filter((name) => name !== 'uniform'))(
    'takes a single cell with probability equal to its attention: %s',
    (estimator) => {
      const attention = attentionMap([1, 2, 3, 4]);
      const counts = [0, 0, 0, 0];
      for (let seed = 0; seed < 8000; seed += 1) counts[cellsOf(attention, estimator, 1, seed)[0]!]! += 1;
      counts.forEach((count, cell) => {
        const p = (cell + 1) / 10;
        expect(Math.abs(count / 8000 - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / 8000));
      });
    },
  );
});
