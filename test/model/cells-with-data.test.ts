import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellsWithData } from '../../src/model/cells-with-data.ts';

const axis = (cells: number, stride: number, offset: number) => ({ cells, stride, offset, receptiveField: 9 });
const overview = (width: number, height: number, withData: readonly number[]) => {
  const valid = new Uint8Array(width * height);
  for (const pixel of withData) valid[pixel] = 1;
  return { data: valid, width, height, bands: 1, valid };
};

describe('cellsWithData', () => {
  const grid = { x: axis(3, 2, 1), y: axis(2, 2, 1) }; // of 6 × 4 pixels

  it('is true of all cells of a scene without gaps', () => {
    const { valid: _, ...whole } = overview(6, 4, []);
    expect(cellsWithData(grid, whole)).toEqual(new Uint8Array(6).fill(1));
  });

  it('needs one pixel with data in the square of a cell, whatever lies around it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 23 }), (pixel) => {
        const cells = cellsWithData(grid, overview(6, 4, [pixel]));
        const [column, row] = [Math.floor((pixel % 6) / 2), Math.floor(pixel / 12)];
        expect([...cells].map((one, cell) => [cell, one]).filter(([, one]) => one)).toEqual([[row * 3 + column, 1]]);
      }),
    );
  });

  it('counts a pixel that lies in two squares for both', () => {
    const halves = { x: axis(2, 2, 1.5), y: axis(1, 2, 1) }; // columns 0.5 to 2.5 and 2.5 to 4.5
    expect(cellsWithData(halves, overview(6, 2, [2]))).toEqual(Uint8Array.of(1, 1));
    expect(cellsWithData(halves, overview(6, 2, [4]))).toEqual(Uint8Array.of(0, 1));
  });

  it('has none in a scene without data, or with data beside all cells', () => {
    expect(cellsWithData(grid, overview(6, 4, []))).toEqual(new Uint8Array(6));
    expect(cellsWithData({ ...grid, x: axis(2, 2, 1) }, overview(6, 4, [5]))).toEqual(new Uint8Array(4));
  });
});
