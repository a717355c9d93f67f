import { describe, expect, it } from 'vitest';
import { confidenceOf } from '../src/confidence.ts';

describe('confidenceOf', () => {
  it('calls an answer by the level that its probability reaches', () => {
    const levels = { nominal: 0.5, high: 0.9 };
    const called = [0.49, 0.5, 0.89, 0.9, 1].map((probability) => confidenceOf(probability, levels));
    expect(called).toEqual(['low', 'nominal', 'nominal', 'high', 'high']);
  });

  it('never calls one by a level of 1, which only rounding reaches', () => {
    expect(confidenceOf(1, { nominal: 0.5, high: 1 })).toBe('nominal');
    expect(confidenceOf(1, { nominal: 1, high: 1 })).toBe('low');
  });
});
