import type { Position } from '../../scene.ts';

/**
 * The area round a pole as a ring that RFC 7946 can hold: along the outline from the antimeridian in the west to the one
 * in the east, and back along the pole, which is a line there.
 * @param outline points on the way round, each seen from the pole in another direction
 */
export function polarRing(outline: readonly Position[]): Position[] {
  const eastwards = outline.toSorted(([a], [b]) => a - b);
  const [first = [0, 0], last = first] = [eastwards[0], eastwards.at(-1)];
  const latitudes = outline.map(([, latitude]) => latitude);
  const pole = latitudes.reduce((sum, latitude) => sum + latitude, 0) > 0 ? 90 : -90;
  const edge = atAntimeridian(last, first);
  return [[-180, pole], [-180, edge], ...eastwards.filter(([x]) => Math.abs(x) < 180), [180, edge], [180, pole]];
}

/** Latitude between the easternmost point and the westernmost, which are neighbours. */
function atAntimeridian([east, before]: Position, [west, after]: Position): number {
  const gap = west + 360 - east;
  return gap === 0 ? before : before + ((180 - east) / gap) * (after - before);
}
