import { describe, expect, it } from 'vitest';
import { classWeights } from '../../src/training/class-weights.ts';

const labels = ['none', 'none', 'none', 'none', 'none', 'none', 'ferry', 'tanker', 'tanker'];
const scenes = labels.map((label) => ({ class: label }));
const classes = ['none', 'tanker', 'ferry'];

describe('classWeights', () => {
  it('lets every class count alike when balanced, and 1 in the mean', () => {
    const weights = classWeights(scenes, classes, 'balanced');
    const counts = classes.map((name) => labels.filter((label) => label === name).length);
    const shares = weights.map((weight, k) => weight * (counts[k] as number));
    expect(shares).toEqual([3, 3, 3].map((share) => expect.closeTo(share)));
    expect(shares.reduce((sum, share) => sum + share) / labels.length).toBeCloseTo(1);
  });

  it('is 1 for all otherwise', () => {
    expect(classWeights(scenes, classes, 'none')).toEqual([1, 1, 1]);
  });
});
