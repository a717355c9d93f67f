import { type Axes, between, interpolate } from '../../model/interpolate.ts';
import type { Raster, Window } from '../../scene.ts';
import type { StoredScene } from '../scene-store.ts';

/**
 * A scene that the camera has come nearer to, or has gone away from: one point stays, all else moves away from it by a
 * factor, or towards it. What leaves the scene is lost, and what comes in has no data.
 */
export type Zoom = {
  /** Above 1 everything becomes larger. */
  readonly factor: number;
  /** The point that stays, in pixels of the overview, whose corner is (0, 0). */
  readonly x: number;
  readonly y: number;
  /** Pixels of the patches' level in one of the overview. */
  readonly scale: number;
};

export function zoomScene(scene: StoredScene, { factor, x, y, scale }: Zoom): StoredScene {
  if (factor === 1) return scene;
  const { width, height, overview } = scene;
  const whole = { x: 0, y: 0, width, height };
  return {
    ...scene,
    overview: sampled(overview, { x: before(0, x, factor), y: before(0, y, factor), step: 1 / factor }, overview),
    patches: async (windows) => {
      const corners = windows.map((window) => ({
        x: before(window.x, x * scale, factor),
        y: before(window.y, y * scale, factor),
      }));
      const parts = windows.map((window, i) => {
        const { x: left, y: top } = corners[i] as (typeof corners)[number]; // one for each window
        return around({ x: left, y: top, width: window.width / factor, height: window.height / factor }, whole);
      });
      const found = await scene.patches(parts);
      return windows.map((window, i) => {
        const [corner, part] = [corners[i], parts[i]] as [(typeof corners)[number], Window];
        const from = { x: corner.x - part.x, y: corner.y - part.y, step: 1 / factor };
        return sampled(found[i] as Raster, from, window);
      });
    },
  };
}

/** Where on an axis that lay before, which lies at `place` now. */
function before(place: number, fixed: number, factor: number): number {
  return fixed + (place - fixed) / factor;
}

/** All pixels that a part of a scene is sampled from; one of the scene where the part lies outside. */
function around({ x, y, width, height }: Window, whole: Window): Window {
  const [left, columns] = span(x, width, whole.width);
  const [top, rows] = span(y, height, whole.height);
  return { x: left, y: top, width: columns, height: rows };
}

function span(from: number, length: number, end: number): [first: number, count: number] {
  const first = Math.min(Math.max(Math.floor(from) - 1, 0), end - 1);
  const last = Math.min(Math.max(Math.ceil(from + length), first), end - 1);
  return [first, last - first + 1];
}

type Grid = { readonly x: number; readonly y: number; readonly step: number };
type Size = { readonly width: number; readonly height: number };

/**
 * A raster of 32-bit floats, each pixel interpolated (bilinear) between the four that lie around its centre; where one of
 * them has no data, or the pixel lies outside, it has none.
 * @param grid where the left upper corner of the first pixel lies in `source`, and how far it is from one to the next
 */
function sampled(source: Raster, { x, y, step }: Grid, { width, height }: Size): Raster {
  const axes = {
    columns: between(width, { start: x, step, of: source.width }),
    rows: between(height, { start: y, step, of: source.height }),
  };
  const data = new Float32Array(width * height * source.bands);
  interpolate(source, axes, data);
  return { data, width, height, bands: source.bands, valid: validOf(source, axes) };
}

function validOf({ valid: has, width }: Raster, { columns, rows }: Axes): Uint8Array {
  const [across, down] = [columns.inside, rows.inside];
  const valid = new Uint8Array(across.length * down.length);
  for (let row = 0; row < down.length; row += 1) {
    if (down[row] === 0) continue;
    const line = valid.subarray(row * across.length, (row + 1) * across.length);
    line.set(across);
    if (has === undefined) continue;
    const [upper, lower] = [(rows.first[row] as number) * width, (rows.second[row] as number) * width];
    for (let column = 0; column < line.length; column += 1) {
      const [left, right] = [columns.first[column] as number, columns.second[column] as number];
      const above = (has[upper + left] as number) & (has[upper + right] as number);
      const below = (has[lower + left] as number) & (has[lower + right] as number);
      line[column] = (line[column] as number) & above & below;
    }
  }
  return valid;
}
