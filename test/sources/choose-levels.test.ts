import { describe, expect, it } from 'vitest';
import { chooseLevels } from '../../src/sources/choose-levels.ts';
import { level } from '../fakes/fake-scenes.ts';

const model = { metresPerPixel: 1, overview: { scale: 16, resampling: 'average' as const }, patch: { size: 64 } };
const strict = { anyResolution: false };

function pyramid(width: number, height: number, metres: number | undefined, scales: readonly number[]) {
  return scales.map((s) => level(Math.ceil(width / s), Math.ceil(height / s), metres && metres * s));
}

describe('chooseLevels', () => {
  it('takes the level of the model’s ground size, and the overview coarser by its scale', () => {
    const levels = pyramid(4096, 4096, 0.5, [1, 2, 4, 8, 16, 32, 64]);
    expect(chooseLevels(levels, model, strict)).toEqual({ patches: 1, overview: 5, factor: 1 });
  });

  it('takes ground sizes within a quarter for the same', () => {
    expect(chooseLevels(pyramid(4096, 4096, 0.81, [1, 16]), model, strict).patches).toBe(0);
    expect(chooseLevels(pyramid(4096, 4096, 1.24, [1, 16]), model, strict).patches).toBe(0);
    expect(() => chooseLevels(pyramid(4096, 4096, 1.26, [1, 2]), model, strict)).toThrow(
      "the model was trained at 1 metres per pixel; the scene's levels have 1.26, 2.52",
    );
  });

  it('averages the coarsest level from which the overview can be made by a whole factor', () => {
    expect(chooseLevels(pyramid(4096, 4096, 1, [1, 2, 4]), model, strict)).toEqual({
      patches: 0,
      overview: 2,
      factor: 4,
    });
    expect(chooseLevels(pyramid(4096, 4096, 1, [1, 2, 6, 32]), model, strict)).toEqual({
      patches: 0,
      overview: 1,
      factor: 8,
    });
    expect(chooseLevels(pyramid(4096, 4096, 1, [1]), model, strict)).toEqual({ patches: 0, overview: 0, factor: 16 });
  });

  it('takes sizes that were rounded up or down', () => {
    const down = [level(4001, 3003, 1), level(250, 187, 16)];
    const up = [level(4001, 3003, 1), level(251, 188, 16)];
    for (const levels of [down, up])
      expect(chooseLevels(levels, model, strict)).toEqual({ patches: 0, overview: 1, factor: 1 });
  });

  it('takes the finest level where the file states no ground size, or any will do', () => {
    expect(chooseLevels(pyramid(1024, 1024, undefined, [1, 16]), model, strict).patches).toBe(0);
    expect(chooseLevels(pyramid(1024, 1024, 10, [1, 16]), model, { anyResolution: true }).patches).toBe(0);
  });

  it('takes the finest level for a model of no known ground size', () => {
    const anywhere = { ...model, metresPerPixel: null };
    expect(chooseLevels(pyramid(1024, 1024, 10, [1, 16]), anywhere, strict).patches).toBe(0);
  });

  it('takes an overview that must be stored only where it is, at any scale', () => {
    const stored = { ...model, metresPerPixel: null, overview: { scale: 25 / 3, resampling: 'stored' as const } };
    const levels = [level(1500, 1500), level(750, 750), level(180, 180)];
    expect(chooseLevels(levels, stored, strict)).toEqual({ patches: 0, overview: 2, factor: 1 });
    expect(() => chooseLevels(pyramid(1500, 1500, undefined, [1, 2, 4, 8]), stored, strict)).toThrow(
      /an overview that is stored 8\.33\d* times coarser; the scene's levels are 1500 × 1500, 750 × 750, 375 × 375, 188 × 188/,
    );
  });

  it('refuses a scene that is smaller than a patch', () => {
    expect(() => chooseLevels(pyramid(1024, 63, 1, [1]), model, strict)).toThrow(
      'the scene is smaller than a patch: 1024 × 63 pixels where a patch has 64 × 64',
    );
  });
});
