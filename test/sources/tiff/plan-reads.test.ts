import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SceneError } from '../../../src/errors.ts';
import { endOf } from '../../../src/sources/bytes/byte-source.ts';
import type { Layout } from '../../../src/sources/tiff/layout.ts';
import { planReads } from '../../../src/sources/tiff/plan-reads.ts';
import { greyLayout } from '../../fakes/grey-layout.ts';

/** 8 × 8 tiles, the lowest cut short, of 100 bytes each, in the order of the index from byte 1000. */
const squares = greyLayout(8, 8);
const grid = { ...squares.grid, height: 120 };
const layout: Layout = {
  ...squares,
  grid,
  offsets: Float64Array.from({ length: 64 }, (_, i) => 1000 + i * 100),
  byteCounts: new Float64Array(64).fill(100),
};
const facts = { size: 7400, heldBytes: 0 };

const anyWindow = fc
  .record({
    x: fc.nat(127),
    y: fc.nat(119),
    width: fc.integer({ min: 1, max: 60 }),
    height: fc.integer({ min: 1, max: 60 }),
  })
  .map(({ x, y, width, height }) => ({ x, y, width: Math.min(width, 128 - x), height: Math.min(height, 120 - y) }));

describe('planReads', () => {
  it('takes each tile under any window exactly once, and no other', () => {
    fc.assert(
      fc.property(fc.array(anyWindow, { maxLength: 6 }), fc.nat(7400), (windows, heldBytes) => {
        const plan = planReads(layout, windows, { size: 7400, heldBytes });
        const planned = [...plan.held, ...plan.spans.flatMap((span) => span.ranges)].map((range) => range.tile);
        const under = new Set<number>();
        for (const { x, y, width, height } of windows) {
          for (let row = y; row < y + height; row += 1) {
            for (let column = x; column < x + width; column += 1) {
              under.add(Math.floor(row / 16) * 8 + Math.floor(column / 16));
            }
          }
        }
        expect(planned.toSorted((a, b) => a - b)).toEqual([...under].sort((a, b) => a - b));
        for (const range of plan.held) expect(endOf(range)).toBeLessThanOrEqual(heldBytes);
      }),
    );
  });

  it('says to the byte what is to be fetched', () => {
    const windows = [
      { x: 10, y: 0, width: 10, height: 20 },
      { x: 120, y: 113, width: 8, height: 7 },
    ];
    expect(planReads(layout, windows, facts).spans).toEqual([
      {
        offset: 1000,
        length: 200,
        ranges: [
          { tile: 0, offset: 1000, length: 100, heldBytes: 0 },
          { tile: 1, offset: 1100, length: 100, heldBytes: 0 },
        ],
      },
      {
        offset: 1800,
        length: 200,
        ranges: [
          { tile: 8, offset: 1800, length: 100, heldBytes: 0 },
          { tile: 9, offset: 1900, length: 100, heldBytes: 0 },
        ],
      },
      { offset: 7300, length: 100, ranges: [{ tile: 63, offset: 7300, length: 100, heldBytes: 0 }] },
    ]);
  });

  it('asks of a tile that came in part for the rest of it alone', () => {
    const [span, ...others] = planReads(layout, [{ x: 0, y: 0, width: 32, height: 16 }], {
      ...facts,
      heldBytes: 1130,
    }).spans;
    expect(others).toEqual([]);
    expect(span).toEqual({ offset: 1130, length: 70, ranges: [{ tile: 1, offset: 1130, length: 70, heldBytes: 30 }] });
  });

  it('takes the tiles of every plane where bands lie apart', () => {
    const planar = { ...layout, grid: { ...grid, bands: 2, planes: 2, down: 4, height: 60 } };
    const plan = planReads(planar, [{ x: 0, y: 0, width: 1, height: 1 }], facts);
    expect(plan.spans.map((span) => span.ranges.map((range) => range.tile))).toEqual([[0], [32]]);
  });

  it('asks for no bytes of tiles that were left out', () => {
    const byteCounts = layout.byteCounts.with(0, 0).with(1, 0);
    const offsets = layout.offsets.with(1, 0);
    const plan = planReads({ ...layout, byteCounts, offsets }, [{ x: 0, y: 0, width: 48, height: 16 }], facts);
    expect(plan.sparse).toEqual([0, 1]);
    expect(plan.spans.map(({ offset, length }) => [offset, length])).toEqual([[1200, 100]]);
  });

  it.each([
    ['ends beyond the file', { size: 7399 }, {}],
    ['begins before it', {}, { offsets: layout.offsets.with(63, -5) }],
    ['has a length and no place', {}, { offsets: layout.offsets.with(63, 0) }],
    ['has a negative length', {}, { byteCounts: layout.byteCounts.with(63, -5) }],
    ['is far longer than its pixels', { size: 1e9 }, { byteCounts: layout.byteCounts.with(63, 100_000) }],
  ])('refuses a tile that %s', (_, otherFacts, otherLayout) => {
    const plan = () =>
      planReads({ ...layout, ...otherLayout }, [{ x: 127, y: 119, width: 1, height: 1 }], { ...facts, ...otherFacts });
    expect(plan).toThrow(SceneError);
    expect(plan).toThrow(/^tile 63: /);
  });
});
