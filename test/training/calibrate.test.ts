import { describe, expect, it } from 'vitest';
import { calibrate } from '../../src/training/calibrate.ts';
import type { Judged } from '../../src/training/validate.ts';

describe('calibrate', () => {
  /** Answers with these probabilities; a wrong one is negative. */
  const judged = (...probabilities: number[]) =>
    probabilities.map((p): Judged => ({ label: 'a', answer: p > 0 ? 'a' : 'b', probability: Math.abs(p) }) as Judged);

  it('finds the probabilities from which answers are right as often as wanted, each class of them by itself', () => {
    const answers = judged(0.99, 0.97, 0.95, 0.9, -0.8, 0.7, 0.6, 0.5, -0.4, -0.3);
    expect(calibrate(answers, { nominal: 0.75, high: 1 })).toEqual({ nominal: 0.5, high: 0.9 });
  });

  it('calls nothing nominal where no answers below high are right often enough', () => {
    expect(calibrate(judged(0.99, 0.9, -0.8), { nominal: 0.75, high: 1 })).toEqual({ nominal: 0.9, high: 0.9 });
  });

  it('calls nothing high where none is right often enough', () => {
    expect(calibrate(judged(-0.99, 0.9, 0.8), { nominal: 0.6, high: 0.9 })).toEqual({ nominal: 0.8, high: 1 });
  });

  it('calls answers of probability 1 high only where they are right often enough, and then with others close to it', () => {
    expect(calibrate(judged(1, -1, 1, -1), { nominal: 0.5, high: 0.9 })).toEqual({ nominal: 0.9999, high: 1 });
    expect(calibrate(judged(1, 1, -0.9), { nominal: 0.5, high: 0.9 })).toEqual({ nominal: 0.9999, high: 0.9999 });
  });

  it('counts all answers that it would call so, in whatever order equally sure ones come', () => {
    const wanted = { nominal: 0.5, high: 1 };
    expect(calibrate(judged(0.9, 0.8, 0.8, -0.8, -0.8, 0.7, -0.6), wanted)).toEqual({ nominal: 0.6, high: 0.9 });
    // Of the four decimals that a threshold is told with: 0.9999 is reached by all of them.
    expect(calibrate(judged(0.99997, 0.99996, -0.99995, -0.99994), wanted)).toEqual({ nominal: 0.9999, high: 1 });
  });
});
