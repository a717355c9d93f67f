import { describe, expect, it } from 'vitest';
import { batchOf, stageOf } from '../../src/training/schedule.ts';

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
