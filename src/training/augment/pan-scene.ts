import type { Raster, Window } from '../../scene.ts';
import { cropRaster } from '../../sources/rasters/crop-raster.ts';
import type { StoredScene } from '../scene-store.ts';

/**
 * A scene that the camera has moved over: everything lies some pixels further to the right and down, what leaves the
 * scene is lost and what comes in has no data. Moves are whole pixels of the overview, so that overview and patches
 * still show the same ground.
 */
export type Pan = {
  /** In pixels of the overview, to the right and down; negative to the left and up. */
  readonly x: number;
  readonly y: number;
  /** Pixels of the patches' level in one of the overview. */
  readonly scale: number;
};

export function panScene(scene: StoredScene, { x, y, scale }: Pan): StoredScene {
  if (x === 0 && y === 0) return scene;
  const { width, height } = scene;
  const by = { x: Math.round(x * scale), y: Math.round(y * scale) }; // an overview as stored may be of any scale
  return {
    ...scene,
    overview: moved(scene.overview, { x, y }),
    patches: async (windows) => {
      const before = windows.map((window) => ({ ...window, x: window.x - by.x, y: window.y - by.y }));
      const inside = before.map((window) => intersection(window, { width, height }));
      const found = await scene.patches(inside.filter((window) => window !== undefined));
      return before.map((window, i) => {
        const part = inside[i];
        if (part === undefined) return empty(window, scene.overview);
        const patch = found.shift() as Raster; // one for each window that is inside
        const whole = part.width === window.width && part.height === window.height;
        return whole ? patch : placed(patch, { x: part.x - window.x, y: part.y - window.y }, window);
      });
    },
  };
}

function moved(raster: Raster, by: { readonly x: number; readonly y: number }): Raster {
  const part = intersection({ x: -by.x, y: -by.y, width: raster.width, height: raster.height }, raster);
  if (part === undefined) return empty(raster, raster);
  return placed(cropRaster(raster, part), { x: Math.max(by.x, 0), y: Math.max(by.y, 0) }, raster);
}

type Size = { readonly width: number; readonly height: number };

function intersection(window: Window, { width, height }: Size): Window | undefined {
  const [left, top] = [Math.max(window.x, 0), Math.max(window.y, 0)];
  const [right, bottom] = [Math.min(window.x + window.width, width), Math.min(window.y + window.height, height)];
  return right > left && bottom > top ? { x: left, y: top, width: right - left, height: bottom - top } : undefined;
}

/** The patch at its place in a larger raster, which has no data around it. */
function placed(patch: Raster, at: { readonly x: number; readonly y: number }, size: Size): Raster {
  const { bands } = patch;
  const raster = empty(size, patch);
  for (let row = 0; row < patch.height; row += 1) {
    const [from, to] = [row * patch.width, (at.y + row) * size.width + at.x];
    raster.data.set(patch.data.subarray(from * bands, (from + patch.width) * bands), to * bands);
    const valid = patch.valid?.subarray(from, from + patch.width);
    if (valid) raster.valid.set(valid, to);
    else raster.valid.fill(1, to, to + patch.width);
  }
  return raster;
}

/** Without data anywhere; `like` tells the bands and the type of its samples. */
function empty({ width, height }: Size, like: Raster): Raster & { readonly valid: Uint8Array } {
  const { bands } = like;
  const Samples = like.data.constructor as Uint8ArrayConstructor; // of the same type as those of `like`
  const data = new Samples(width * height * bands);
  return { data, width, height, bands, valid: new Uint8Array(width * height) };
}
