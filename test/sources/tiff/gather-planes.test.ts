import { describe, expect, it } from 'vitest';
import { gatherPlanes } from '../../../src/sources/tiff/gather-planes.ts';

const grid = { width: 32, height: 16, bands: 3, tileWidth: 16, tileHeight: 16, across: 2, down: 1, striped: false };
const whole = { x: 0, y: 0, width: 32, height: 16 };
const pixels = (value: number) => ({
  part: { x: 0, y: 0, width: 16, height: 16 },
  pixels: Uint8Array.from({ length: 256 }, (_, i) => (i + value) % 256),
});

describe('gatherPlanes', () => {
  it('hands on the bands of a place together and in order, in whatever order they come', () => {
    const gone: [number, number[]][] = [];
    const place = gatherPlanes({ ...grid, planes: 3 }, whole, (tile, all) =>
      gone.push([tile, all.map((one) => one.pixels[0] ?? -1)]),
    );
    for (const tile of [5, 0, 4, 1, 3, 2]) place(tile, pixels(tile));
    expect(gone).toEqual([
      [1, [1, 3, 5]],
      [0, [0, 2, 4]],
    ]);
  });

  it('keeps no memory that is to be given back', () => {
    const gone: number[][] = [];
    const place = gatherPlanes({ ...grid, planes: 3 }, whole, (_, all) =>
      gone.push(all.map((one) => one.pixels[0] ?? -1)),
    );
    const lent = { ...pixels(0), giveBack: () => {} };
    for (const tile of [0, 2, 4]) {
      lent.pixels[0] = tile;
      place(tile, lent);
    }
    expect(gone).toEqual([[0, 2, 4]]);
  });

  it('keeps of a tile what lies under the window, and nothing of one that does not', () => {
    const gone: unknown[] = [];
    const window = { x: 18, y: 3, width: 2, height: 2 };
    const place = gatherPlanes({ ...grid, planes: 3 }, window, (tile, all) => gone.push([tile, ...all]));
    for (const tile of [0, 1, 2, 3, 4, 5]) place(tile, pixels(tile));
    const part = { x: 2, y: 3, width: 2, height: 2 };
    const kept = [1, 3, 5].map((value) => ({ part, pixels: Uint8Array.from([50, 51, 66, 67], (at) => at + value) }));
    expect(gone).toEqual([[1, ...kept]]);
  });

  it('hands on tiles that hold all bands as they come', () => {
    const gone: number[] = [];
    const place = gatherPlanes({ ...grid, planes: 1 }, whole, (tile) => gone.push(tile));
    for (const tile of [1, 0]) place(tile, pixels(tile));
    expect(gone).toEqual([1, 0]);
  });
});
