import { describe, expect, it } from 'vitest';
import { batchOf, learningRateAt, stageOf } from '../../src/training/schedule.ts';

describe('stageOf', () => {
  const stages = [
    { dataset: 'small', steps: 2, learningRate: 0.1 },
    { dataset: 'large', steps: 3, learningRate: 0.2 },
  ];

  it('goes through the stages in order, and ends', () => {
    const names = Array.from({ length: 6 }, (_, step) => stageOf(stages, step)).map(
      (at) => at && `${at.stage.dataset} ${at.index}`,
    );
    expect(names).toEqual(['small 0', 'small 1', 'large 0', 'large 1', 'large 2', undefined]);
  });
});

describe('batchOf', () => {
  const scenes = Array.from({ length: 10 }, (_, i) => i);

  it('shows every scene once in each pass, each pass in another order', () => {
    const seen = Array.from({ length: 5 }, (_, index) => batchOf(scenes, index, { batch: 4, seed: 1 })).flat();
    const passes = [seen.slice(0, 10), seen.slice(10)];
    for (const pass of passes) expect([...pass].sort((a, b) => a - b)).toEqual(scenes);
    expect(passes[0]).not.toEqual(passes[1]);
  });

  it('depends on its number alone', () => {
    expect(batchOf(scenes, 7, { batch: 4, seed: 1 })).toEqual(batchOf(scenes, 7, { batch: 4, seed: 1 }));
    expect(batchOf(scenes, 7, { batch: 4, seed: 2 })).not.toEqual(batchOf(scenes, 7, { batch: 4, seed: 1 }));
  });
});

describe('learningRateAt', () => {
  const stage = { dataset: 'any', steps: 10, learningRate: 0.8 };
  const rates = (settings: object) =>
    Array.from({ length: 10 }, (_, index) => learningRateAt({ ...stage, ...settings }, index));

  it('stays where nothing else is asked for', () => {
    expect(new Set(rates({}))).toEqual(new Set([0.8]));
  });

  it('rises evenly while it warms up', () => {
    expect(rates({ warmUpSteps: 4 })).toEqual(
      [0.2, 0.4, 0.8 * 0.75, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8].map((rate) => expect.closeTo(rate)),
    );
  });

  it('falls along half a cosine, from its whole to its end', () => {
    const falling = rates({ warmUpSteps: 1, finalLearningRate: 0.1 });
    expect(falling[1]).toBeCloseTo(0.8);
    expect(falling[5]).toBeCloseTo(0.45);
    expect(falling[9]).toBeCloseTo(0.1);
    expect(falling.slice(1)).toEqual(falling.slice(1).sort((a, b) => b - a));
  });
});
