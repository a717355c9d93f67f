import type { Raster, Window } from '../../scene.ts';

/** What of a coarser grid lies under a window of a finer one, whose pixels are `factor` times smaller. */
export function coarseWindow(
  { x, y, width, height }: Window,
  factor: number,
  grid: { readonly width: number; readonly height: number },
): Window {
  const [left, right] = axis(x, width, factor, grid.width);
  const [top, bottom] = axis(y, height, factor, grid.height);
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/** First and last pixel. Sizes of overviews are rounded, so the last of the finer grid may lie beyond: the border goes on. */
function axis(start: number, length: number, factor: number, size: number): [number, number] {
  const inside = (at: number) => Math.min(Math.floor(at / factor), size - 1);
  return [inside(start), inside(start + length - 1)];
}

/**
 * The pixels of a finer window, each that of the coarser grid in which its centre lies (nearest neighbour).
 * @param coarse the raster of `coarseWindow(window, factor, grid)`
 */
export function enlarge(coarse: Raster, window: Window, factor: number): Raster {
  if (factor === 1 && coarse.width === window.width && coarse.height === window.height) return coarse;
  const { bands, valid } = coarse;
  const { width, height } = window;
  const data = new (coarse.data.constructor as SampleArray)(width * height * bands); // TypeScript does not know who made it
  const marks = valid && new Uint8Array(width * height);
  const columns = Array.from({ length: width }, (_, i) => offset(window.x, i, factor, coarse.width));
  for (let row = 0; row < height; row += 1) {
    const from = offset(window.y, row, factor, coarse.height) * coarse.width;
    for (let column = 0; column < width; column += 1) {
      const source = from + (columns[column] as number); // one for each
      const target = row * width + column;
      if (valid && marks) marks[target] = valid[source] as number; // one for each pixel
      for (let band = 0; band < bands; band += 1)
        data[target * bands + band] = coarse.data[source * bands + band] as number;
    }
  }
  return { data, width, height, bands, ...(marks && { valid: marks }) };
}

type SampleArray = new (length: number) => Raster['data'];

/** Of a pixel of the finer window in the coarser raster. */
function offset(start: number, at: number, factor: number, size: number): number {
  return Math.min(Math.floor((start + at) / factor) - Math.floor(start / factor), size - 1);
}
