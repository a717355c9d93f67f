import { describe, expect, it } from 'vitest';
import { evaluate, quantile } from '../../src/training/evaluation.ts';
import type { Judged } from '../../src/training/validate.ts';

function judged(label: string, answer: string, probability: number, found?: boolean, pulled?: boolean): Judged {
  return {
    id: 'scene',
    label,
    answer,
    probability,
    standardError: probability / 10,
    found,
    pulled,
    seconds: probability,
  };
}

const settings = { classes: ['none', 'ship', 'oil'], confidence: { nominal: 0.6, high: 0.9 } };

describe('evaluate', () => {
  const evaluation = evaluate(
    [
      judged('none', 'none', 0.95),
      judged('none', 'ship', 0.5),
      judged('ship', 'ship', 0.9, true, true),
      judged('ship', 'none', 0.6, false, false),
    ],
    settings,
  );
  const half = (of: number) => ({ share: 0.5, standardError: Math.sqrt(0.25 / of), of });
  const none = { share: null, standardError: null, of: 0 };

  it('counts answers by what was to be said', () => {
    expect(evaluation).toMatchObject({ scenes: 4, error: 0.5, accuracy: 0.5, right: half(4) });
    expect(evaluation.confusion).toEqual([
      [1, 1, 0],
      [1, 1, 0],
      [0, 0, 0],
    ]);
    expect(evaluation.recall).toEqual({ none: half(2), ship: half(2), oil: none });
  });

  it('lets every class that has scenes count alike in the balanced accuracy', () => {
    const many = Array.from({ length: 9 }, () => judged('none', 'none', 1));
    expect(evaluate([...many, judged('ship', 'none', 1)], settings)).toMatchObject({
      accuracy: 0.9,
      balancedAccuracy: 0.5,
    });
  });

  it('asks for evidence only where labels say where the object is', () => {
    expect(evaluation.lookedAt).toEqual(half(2));
    expect(evaluation.strongestPull).toEqual(half(2));
    expect(evaluate([judged('none', 'none', 1)], settings).lookedAt).toEqual(none);
  });

  it('says how often each confidence was right', () => {
    expect(evaluation.confidence).toEqual({
      low: { share: 0, standardError: 0, of: 1 },
      nominal: { share: 0, standardError: 0, of: 1 },
      high: { share: 1, standardError: 0, of: 2 },
    });
  });

  it('sums up error bars and seconds by quantiles', () => {
    expect(evaluation.standardError).toBeCloseTo(0.06);
    expect(evaluation.seconds).toEqual({ median: 0.6, p95: 0.95 });
  });
});

describe('quantile', () => {
  it('is the least value that a share of the values does not exceed', () => {
    const values = [40, 10, 30, 20];
    expect([0, 0.25, 0.26, 0.5, 0.95, 1].map((share) => quantile(values, share))).toEqual([10, 10, 20, 20, 40, 40]);
  });
});
