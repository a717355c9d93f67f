import type { Hull } from './scene.ts';

/**
 * What a hull carries, as a pattern on its deck. This is the point of the data set: a pattern tells the classes apart
 * at full resolution, and is not there in the 1/16 overview. It is a product of square waves along and across, laid out
 * over whole periods, so its mean is zero; its periods, in pixels, divide 16 or thrice 16, so that averages over the
 * 16×16 blocks of the overview hardly see it inside the hull either.
 */
type Pattern = { readonly along?: number; readonly across?: number };

const patterns = {
  container: { along: 32 / 3, across: 8 }, // boxes of 16/3 × 4, bright and dark in turn
  tanker: { across: 16 / 3 }, // pipes along the hull
  ferry: { along: 8 }, // rows of cars across it
} as const satisfies Record<string, Pattern>;

/** Where patterns lie: off the deckhouse astern, the bow, and the rails. In pixels from the hull's centre. */
export function deckZone({ length, beam }: Pick<Hull, 'length' | 'beam'>) {
  return { aft: -length / 2 + 13, fore: length / 2 - 14, side: beam / 2 - 1 } as const;
}

/** @returns the pattern's mean over the pixel whose centre lies `along` and `across` from the hull's, in [-1, 1] */
export function deckPattern(hull: Hull): (along: number, across: number) => number {
  if (hull.deck === 'barge') return () => 0;
  const pattern: Pattern = patterns[hull.deck];
  const { aft, fore, side } = deckZone(hull);
  const lengthwise = stretch(aft, fore, pattern.along, hull.phase[0]);
  const crosswise = stretch(-side, side, pattern.across, hull.phase[1]);
  return (along, across) => lengthwise(along) * crosswise(across);
}

/**
 * The mean over one pixel of a square wave (without a period: of 1) that is cut off outside as many whole periods as
 * fit into a range. From its integral, so that pixels in a row add up to the exact sum.
 */
function stretch(from: number, to: number, period: number | undefined, phase: number): (at: number) => number {
  if (period === undefined) return (at) => clamp(at + 0.5, from, to) - clamp(at - 0.5, from, to);
  const half = (Math.floor((to - from) / period) * period) / 2;
  const centre = (from + to) / 2;
  const integral = (at: number) => triangle(clamp(at, centre - half, centre + half) / period + phase) * period;
  return (at) => integral(at + 0.5) - integral(at - 0.5);
}

/** The integral of a square wave of period 1 that is +1 in the first half of its period. */
function triangle(t: number): number {
  const part = t - Math.floor(t);
  return part < 0.5 ? part : 1 - part;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
