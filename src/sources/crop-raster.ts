import type { Raster, Window } from '../scene.ts';

/** A copy of the part of a raster under a window. */
export function cropRaster({ data, width, bands }: Raster, window: Window): Raster {
  const row = window.width * bands;
  const cut = data.slice(0, row * window.height);
  for (let y = 0; y < window.height; y += 1) {
    const start = ((window.y + y) * width + window.x) * bands;
    cut.set(data.subarray(start, start + row), y * row);
  }
  return { data: cut, width: window.width, height: window.height, bands };
}
