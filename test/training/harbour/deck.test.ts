import { describe, expect, it } from 'vitest';
import { axes, boxOf } from '../../../src/training/harbour/block.ts';
import { deckPattern } from '../../../src/training/harbour/deck.ts';
import { PATTERN_HEIGHT } from '../../../src/training/harbour/paint-hull.ts';
import type { Hull } from '../../../src/training/harbour/scene.ts';
import { lots } from '../../../src/training/lots.ts';

const decks = ['container', 'tanker', 'ferry'] as const;

function hulls(deck: Hull['deck'], count: number): Hull[] {
  const draw = lots('hulls for the deck test');
  return Array.from({ length: count }, (_, i) => ({
    deck,
    x: draw.between(0, 1000),
    y: draw.between(0, 1000),
    direction: i % 4 === 0 ? 0 : draw.between(0, 2 * Math.PI), // upright is the worst case: whole rows share an edge
    length: draw.between(80, 110),
    beam: draw.between(14, 20),
    colour: [140, 140, 140],
    wake: 0,
    phase: [draw.between(0, 1), draw.between(0, 1)],
  }));
}

/** The pattern of every pixel around a hull, in grey levels, and the mean of each block of the overview. */
function paint(hull: Hull) {
  const { forward, across } = axes(hull);
  const pattern = deckPattern(hull);
  const blocks = new Map<string, number>();
  const values: number[] = [];
  const [x0, y0, x1, y1] = boxOf(hull, 1);
  for (let y = y0; y < y1; y += 1) {
    for (let x = x0; x < x1; x += 1) {
      const [dx, dy] = [x + 0.5 - hull.x, y + 0.5 - hull.y];
      const value = pattern(dx * forward[0] + dy * forward[1], dx * across[0] + dy * across[1]) * PATTERN_HEIGHT;
      const block = `${x >> 4} ${y >> 4}`;
      blocks.set(block, (blocks.get(block) ?? 0) + value / 256);
      values.push(value);
    }
  }
  return { values, blocks: [...blocks.values()] };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

describe('deckPattern', () => {
  it.each(decks)('of a %s has a mean of zero over each hull, to a grey level', (deck) => {
    for (const hull of hulls(deck, 60)) {
      expect(Math.abs(sum(paint(hull).values)) / (hull.length * hull.beam)).toBeLessThan(1);
    }
  });

  it.each(decks)('of a %s leaves next to nothing of itself in the blocks of the overview', (deck) => {
    const blocks = hulls(deck, 60).flatMap((hull) => paint(hull).blocks);
    const size = Math.sqrt(sum(blocks.map((value) => value * value)) / blocks.length);
    expect(Math.abs(sum(blocks)) / blocks.length).toBeLessThan(0.1);
    expect(size).toBeLessThan(1.5);
  });

  it.each(decks)('of a %s is strong at full resolution', (deck) => {
    for (const hull of hulls(deck, 20)) {
      const strong = paint(hull).values.filter((value) => Math.abs(value) > 25);
      expect(strong.length).toBeGreaterThan(hull.length * hull.beam * 0.2);
    }
  });

  it('of a barge is plain', () => {
    for (const hull of hulls('barge', 3)) expect(new Set(paint(hull).values)).toEqual(new Set([0]));
  });
});
