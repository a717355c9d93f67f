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
 * A raster of 32-bit floats, each pixel interpolated (bilinear) between the four that lie around its centre.
 * @param grid where the left upper corner of the first pixel lies in `source`, and how far it is from one to the next
 */
function sampled(source: Raster, { x, y, step }: Grid, { width, height }: Size): Raster {
  const { bands } = source;
  const data = new Float32Array(width * height * bands);
  const valid = new Uint8Array(width * height);
  const columns = Array.from({ length: width }, (_, i) => between(x + (i + 0.5) * step, source.width));
  for (let row = 0; row < height; row += 1) {
    const down = between(y + (row + 0.5) * step, source.height);
    const [upper, lower] = [down.first * source.width, down.second * source.width];
    for (let column = 0; down.inside && column < width; column += 1) {
      const { first, second, share, inside } = columns[column] as Between; // one for each column
      if (!inside || !hasData(source, [upper + first, upper + second, lower + first, lower + second])) continue;
      const at = row * width + column;
      valid[at] = 1;
      for (let band = 0; band < bands; band += 1) {
        const above = mixed(source, (upper + first) * bands + band, (upper + second) * bands + band, share);
        const below = mixed(source, (lower + first) * bands + band, (lower + second) * bands + band, share);
        data[at * bands + band] = above + (below - above) * down.share;
      }
    }
  }
  return { data, width, height, bands, valid };
}

function hasData({ valid }: Raster, pixels: readonly number[]): boolean {
  return valid === undefined || pixels.every((pixel) => valid[pixel] === 1);
}

function mixed({ data }: Raster, a: number, b: number, share: number): number {
  const from = data[a] as number; // both are inside
  return from + ((data[b] as number) - from) * share;
}

/** Between which two pixels of a line a place lies, and how far it is on from the first's centre to the second's. */
type Between = { readonly first: number; readonly second: number; readonly share: number; readonly inside: boolean };

function between(place: number, length: number): Between {
  const centre = Math.min(Math.max(place - 0.5, 0), length - 1);
  const first = Math.floor(centre);
  const second = Math.min(first + 1, length - 1);
  return { first, second, share: centre - first, inside: place >= 0 && place <= length };
}
