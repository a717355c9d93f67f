import type { Raster, Window } from '../../scene.ts';
import type { StoredScene } from '../scene-store.ts';

/**
 * A scene turned and mirrored: one of the eight ways to lay a rectangle on a grid. Where a label does not depend on what
 * is up (a harbour seen from above, a tissue), each scene is worth eight.
 *
 * A way has three bits: 4 exchanges rows and columns, then 1 mirrors left and right, and 2 top and bottom.
 */
export const WAYS = 8;

/** Its patches are read from the scene as it lies in its file, then turned: nothing is read twice. */
export function turnScene(scene: StoredScene, way: number): StoredScene {
  if (way === 0) return scene;
  const [width, height] = way & 4 ? [scene.height, scene.width] : [scene.width, scene.height];
  return {
    overview: turnRaster(scene.overview, way),
    width,
    height,
    patches: async (windows) => {
      const found = await scene.patches(windows.map((window) => windowBefore(window, { width, height }, way)));
      return found.map((patch) => turnRaster(patch, way));
    },
  };
}

/** The window of the unturned scene that becomes `window` of the turned one, whose size is given. */
function windowBefore(window: Window, size: { width: number; height: number }, way: number): Window {
  const x = way & 1 ? size.width - window.x - window.width : window.x;
  const y = way & 2 ? size.height - window.y - window.height : window.y;
  const { width, height } = window;
  return way & 4 ? { x: y, y: x, width: height, height: width } : { x, y, width, height };
}

export function turnRaster(raster: Raster, way: number): Raster {
  if (way === 0) return raster;
  const [width, height] = way & 4 ? [raster.height, raster.width] : [raster.width, raster.height];
  const { bands, valid } = raster;
  const before = (x: number, y: number) => {
    const from = windowBefore({ x, y, width: 1, height: 1 }, { width, height }, way);
    return from.y * raster.width + from.x;
  };
  // Where a pixel comes from is linear in where it goes.
  const start = before(0, 0);
  const steps = { start, right: before(1, 0) - start, down: before(0, 1) - start };
  const data = turned(raster.data, bands, { width, height, ...steps });
  return { data, width, height, bands, ...(valid && { valid: turned(valid, 1, { width, height, ...steps }) }) };
}

type Steps = { width: number; height: number; start: number; right: number; down: number };

function turned<T extends Raster['data']>(values: T, bands: number, { width, height, start, right, down }: Steps): T {
  const result = values.slice() as T; // slice() of a typed array is of its own type
  let to = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const from = (start + x * right + y * down) * bands;
      for (let band = 0; band < bands; band += 1, to += 1) result[to] = values[from + band] as number;
    }
  }
  return result;
}
