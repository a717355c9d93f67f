import { describe, expect, it } from 'vitest';
import { readAhead } from '../../src/training/read-ahead.ts';

describe('readAhead', () => {
  it('begins the next step with each one, reads nothing twice, and ends with the last', async () => {
    const begun: number[] = [];
    const next = readAhead((step) => {
      if (step > 3) return undefined;
      begun.push(step);
      return Promise.resolve(`step ${step}`);
    });
    expect(begun).toEqual([]);
    expect(await next(1)).toBe('step 1');
    expect(begun).toEqual([1, 2]);
    expect([await next(2), await next(3), await next(4)]).toEqual(['step 2', 'step 3', undefined]);
    expect(begun).toEqual([1, 2, 3]);
  });

  it('tells a failure when its step comes, not before', async () => {
    const next = readAhead((step) => (step === 2 ? Promise.reject(new Error('broken')) : Promise.resolve(step)));
    expect(await next(1)).toBe(1);
    await expect(next(2)).rejects.toThrow('broken');
  });
});
