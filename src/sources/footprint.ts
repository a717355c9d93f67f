import type { Geometry, Position, Ring } from '../scene.ts';

/**
 * The area inside some corners as RFC 7946 wants it: closed, counterclockwise, and cut in two where it crosses the
 * antimeridian (section 3.1.9). A ring that jumps by more than half the world is taken to cross it.
 */
export function footprint(corners: readonly Position[]): Geometry {
  const ring = counterclockwise(unwrap(corners));
  const east = ring.map(([longitude]) => longitude);
  if (Math.max(...east) <= 180 && Math.min(...east) >= -180) return { type: 'Polygon', coordinates: [close(ring)] };
  const meridian = Math.max(...east) > 180 ? 180 : -180;
  const [west, rest] = [clip(ring, meridian, -1), clip(ring, meridian, 1)];
  const home = meridian === 180 ? west : rest;
  const away = (meridian === 180 ? rest : west).map(([longitude, latitude]): Position => {
    return [longitude - 2 * meridian, latitude];
  });
  const parts = [home, away].filter((part) => Math.abs(area(part)) > 0);
  const [only] = parts;
  if (parts.length === 1 && only) return { type: 'Polygon', coordinates: [close(only)] };
  return { type: 'MultiPolygon', coordinates: parts.map((part) => [close(part)]) };
}

/** Longitudes made continuous: each within half a turn of the one before. */
function unwrap(corners: readonly Position[]): Position[] {
  let last = corners[0]?.[0] ?? 0;
  return corners.map(([longitude, latitude]) => {
    last = longitude - 360 * Math.round((longitude - last) / 360);
    return [last, latitude];
  });
}

/** The part of a ring on one side of a meridian (Sutherland and Hodgman): `side` 1 is east of it, −1 west. */
function clip(ring: readonly Position[], meridian: number, side: 1 | -1): Position[] {
  const inside = ([longitude]: Position) => (longitude - meridian) * side >= 0;
  return ring.flatMap((point, i) => {
    const before = ring.at(i - 1) ?? point;
    const crossing = inside(point) === inside(before) ? [] : [cross(before, point, meridian)];
    return inside(point) ? [...crossing, point] : crossing;
  });
}

function cross([x0, y0]: Position, [x1, y1]: Position, meridian: number): Position {
  return [meridian, y0 + ((meridian - x0) / (x1 - x0)) * (y1 - y0)];
}

function counterclockwise(ring: Position[]): Position[] {
  return area(ring) < 0 ? ring.reverse() : ring;
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
