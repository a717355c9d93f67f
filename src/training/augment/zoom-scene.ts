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
  const from = new Float32Array(source.data); // of one type, whatever the samples': loops over two take three times as long
  const has = source.valid ?? new Uint8Array(source.width * source.height).fill(1);
  const data = new Float32Array(width * height * bands);
  const valid = new Uint8Array(width * height);
  const columns = between(x, step, { pixels: width, of: source.width });
  const rows = between(y, step, { pixels: height, of: source.height });
  for (let row = 0, at = 0; row < height; row += 1) {
    const [upper, lower] = [(rows.first[row] as number) * source.width, (rows.second[row] as number) * source.width];
    const down = rows.share[row] as number;
    for (let column = 0; column < width; column += 1, at += 1) {
      const [left, right] = [columns.first[column] as number, columns.second[column] as number];
      const [a, b, c, d] = [upper + left, upper + right, lower + left, lower + right];
      const inside = (rows.inside[row] as number) & (columns.inside[column] as number);
      if (!(inside & (has[a] as number) & (has[b] as number) & (has[c] as number) & (has[d] as number))) continue;
      valid[at] = 1;
      const across = columns.share[column] as number;
      for (let band = 0; band < bands; band += 1) {
        const above = mixed(from[a * bands + band] as number, from[b * bands + band] as number, across);
        const below = mixed(from[c * bands + band] as number, from[d * bands + band] as number, across);
        data[at * bands + band] = mixed(above, below, down);
      }
    }
  }
  return { data, width, height, bands, valid };
}

function mixed(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}

/**
 * Of each pixel of a line: between which two of the line before it lies, how far it is on from the first's centre to the
 * second's, and whether it lies in that line at all (1 or 0).
 */
type Between = {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly share: Float64Array;
  readonly inside: Uint8Array;
};

function between(
  start: number,
  step: number,
  { pixels, of }: { readonly pixels: number; readonly of: number },
): Between {
  const places = Float64Array.from({ length: pixels }, (_, i) => start + (i + 0.5) * step);
  const centres = places.map((place) => Math.min(Math.max(place - 0.5, 0), of - 1));
  const first = Int32Array.from(centres, Math.floor);
  return {
    first,
    second: first.map((one) => Math.min(one + 1, of - 1)),
    share: centres.map((centre, i) => centre - (first[i] as number)),
    inside: Uint8Array.from(places, (place) => (place >= 0 && place <= of ? 1 : 0)),
  };
}
