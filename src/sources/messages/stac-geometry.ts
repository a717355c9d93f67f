import { z } from 'zod';
import type { Ring } from '../../scene.ts';

/**
 * Reads the footprint that a STAC Item states as events give it (RFC 7946): closed rings, exteriors counterclockwise and
 * holes clockwise, without heights. Writers differ in that, and some state metres of a projection: what lies outside
 * the world is no footprint.
 */
const position = z
  .tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)], z.number())
  .transform(([x, y]) => [x, y] as const);
const ring = z.array(position).min(4).transform(close);
const rings = z
  .array(ring)
  .min(1)
  .transform(([exterior = [], ...holes]) => [wind(exterior, 1), ...holes.map((hole) => wind(hole, -1))]);

export const stacGeometry = z.discriminatedUnion('type', [
  z.object({ type: z.literal('Polygon'), coordinates: rings }),
  z.object({ type: z.literal('MultiPolygon'), coordinates: z.array(rings).min(1) }),
]);

function close(ring: Ring): Ring {
  const [first, last] = [ring[0], ring.at(-1)];
  return first && last && (first[0] !== last[0] || first[1] !== last[1]) ? [...ring, first] : ring;
}

/** @param turn 1 for counterclockwise, −1 for clockwise */
function wind(ring: Ring, turn: 1 | -1): Ring {
  return turn * area(ring) < 0 ? ring.toReversed() : ring;
}

/** Twice the signed area. */
function area(ring: Ring): number {
  return ring.reduce((sum, [x1, y1], i) => {
    const [x0, y0] = ring[i - 1] ?? [x1, y1];
    return sum + x0 * y1 - x1 * y0;
  }, 0);
}
