import type { Geometry, Position, Ring, Window } from '../../scene.ts';
import { polarRing } from './polar-ring.ts';

/**
 * The area of a window on the ground as RFC 7946 wants it: the ring of its corners, closed, counterclockwise, and cut
 * in two where it crosses the antimeridian (section 3.1.9). Round a pole it is the outline itself, and the pole.
 * @param locate a point in pixels, on the ground
 * @returns null where any of the ring has no place on the ground
 */
export function footprint(locate: (x: number, y: number) => Position | null, window: Window): Geometry | null {
  const outline = outlineOf(window).map(([x, y]) => locate(x, y));
  const located = outline.filter((point) => point !== null);
  if (located.length < outline.length) return null;
  const continuous = unwrap(located);
  if (goesRound(continuous)) return { type: 'Polygon', coordinates: [close(counterclockwise(polarRing(located)))] };
  const ring = counterclockwise(continuous.filter((_, i) => i % STEPS === 0));
  const longitudes = ring.map(([longitude]) => longitude);
  if (Math.max(...longitudes) > 180 + TOLERANCE) return cut(ring, 180);
  if (Math.min(...longitudes) < -180 - TOLERANCE) return cut(ring, -180);
  return { type: 'Polygon', coordinates: [close(ring)] };
}

/** Points along each side, so that of two neighbours it is plain which way round the world leads from one to the other. */
const STEPS = 8;

/** Degrees, about 0.1 mm: a world map ends at the antimeridian, whatever its last bits say. */
const TOLERANCE = 1e-9;

/** From the top left corner down, which is counterclockwise on the ground where north is up. */
function outlineOf({ x, y, width, height }: Window): (readonly [number, number])[] {
  const along = Array.from({ length: STEPS }, (_, i) => i / STEPS);
  return [
    ...along.map((t) => [x, y + t * height] as const),
    ...along.map((t) => [x + t * width, y + height] as const),
    ...along.map((t) => [x + width, y + height - t * height] as const),
    ...along.map((t) => [x + width - t * width, y] as const),
  ];
}

/** Longitudes made continuous: each within half a turn of the one before. */
function unwrap(points: readonly Position[]): Position[] {
  let last = points[0]?.[0] ?? 0;
  return points.map(([longitude, latitude]) => {
    last = longitude - 360 * Math.round((longitude - last) / 360);
    return [last, latitude];
  });
}

/** Whether an outline leads round the world, and so round a pole, before it is back where it began. */
function goesRound(points: readonly Position[]): boolean {
  const [first, last] = [points[0]?.[0] ?? 0, points.at(-1)?.[0] ?? 0];
  return Math.abs(last - first) > 180;
}

/** The parts on both sides of a meridian, the one beyond the antimeridian brought back into the world. */
function cut(ring: readonly Position[], meridian: 180 | -180): Geometry {
  const beyond = meridian === 180 ? 1 : -1;
  const outside = clip(ring, meridian, beyond).map(([x, y]): Position => [x - 2 * meridian, y]);
  const parts = [clip(ring, meridian, -beyond), outside].filter((part) => area(part) > 0).map((part) => [close(part)]);
  const [first = []] = parts;
  return parts.length === 1 ? { type: 'Polygon', coordinates: first } : { type: 'MultiPolygon', coordinates: parts };
}

/** The part of a ring on one side of a meridian (Sutherland and Hodgman): `side` 1 is east of it, −1 west. */
function clip(ring: readonly Position[], meridian: number, side: number): Position[] {
  const inside = ([longitude]: Position) => (longitude - meridian) * side >= 0;
  return ring.flatMap((point, i) => {
    const before = ring.at(i - 1) ?? point;
    const crossing = inside(point) === inside(before) ? [] : [crossingOf(before, point, meridian)];
    return inside(point) ? [...crossing, point] : crossing;
  });
}

function crossingOf([x0, y0]: Position, [x1, y1]: Position, meridian: number): Position {
  return [meridian, y0 + ((meridian - x0) / (x1 - x0)) * (y1 - y0)];
}

function counterclockwise(ring: Position[]): Position[] {
  return area(ring) < 0 ? ring.toReversed() : ring;
}

/** Twice the signed area. */
function area(ring: readonly Position[]): number {
  return ring.reduce((sum, [x1, y1], i) => {
    const [x0, y0] = ring.at(i - 1) ?? [x1, y1];
    return sum + x0 * y1 - x1 * y0;
  }, 0);
}

function close(ring: readonly Position[]): Ring {
  const [first] = ring;
  return first ? [...ring, first] : ring;
}
