import type { Raster, Window } from '../../scene.ts';

/** A copy of the part of a raster under a window. */
export function cropRaster({ data, width, bands, valid }: Raster, window: Window): Raster {
  const cut = cropRows(data, width * bands, { ...window, x: window.x * bands, width: window.width * bands });
  const { width: wide, height } = window;
  return { data: cut, width: wide, height, bands, ...(valid && { valid: cropRows(valid, width, window) }) };
}

function cropRows<T extends Raster['data']>(values: T, rowLength: number, { x, y, width, height }: Window): T {
  const cut = values.slice(0, width * height) as T; // slice() of a typed array is of its own type
  for (let row = 0; row < height; row += 1) {
    const start = (y + row) * rowLength + x;
    cut.set(values.subarray(start, start + width), row * width);
  }
  return cut;
}
