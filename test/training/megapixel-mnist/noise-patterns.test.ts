import { describe, expect, it } from 'vitest';
import { noisePatterns } from '../../../src/training/megapixel-mnist/noise-patterns.ts';

describe('noisePatterns', () => {
  const patterns = noisePatterns(1, 'train');

  it('makes fifty, all of them bright lines, no two alike', () => {
    expect(patterns).toHaveLength(50);
    expect(new Set(patterns.map(String)).size).toBe(50);
    for (const pattern of patterns) {
      const greys = pattern.filter(Boolean);
      expect(greys.length).toBeGreaterThanOrEqual(28); // a line goes from border to border
      expect(greys.length).toBeLessThanOrEqual(2 * 56); // two lines of 56 samples
      expect(Math.min(...greys)).toBeGreaterThanOrEqual(204); // 80 % of 255
      expect(greys.every((grey) => grey < 255)).toBe(true);
    }
  });

  it('begins each in the top left corner, and mirrors the second lines of some', () => {
    expect(patterns.every((pattern) => pattern[0])).toBe(true);
    const mirrored = patterns.filter((pattern) => pattern[27]).length;
    expect(Math.abs(mirrored - 50 * 2 * 0.33 * 0.67)).toBeLessThan(4 * 3.5); // σ = √(50 · .44 · .56)
  });

  it('runs its lines on to a border', () => {
    for (const pattern of patterns.filter((one) => !one[27])) {
      const places = [...pattern.keys()].filter((at) => pattern[at]);
      expect(places.some((at) => at >= 27 * 28 || at % 28 === 27)).toBe(true);
    }
  });

  it('differs by seed and by half of MNIST, and is the same again', () => {
    expect(noisePatterns(1, 'train')).toEqual(patterns);
    expect(noisePatterns(2, 'train')).not.toEqual(patterns);
    expect(noisePatterns(1, 'test')).not.toEqual(patterns);
  });
});
