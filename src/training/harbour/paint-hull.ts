import { axes, boxOf } from './block.ts';
import { blend, type Canvas, eachPixel } from './canvas.ts';
import { deckPattern } from './deck.ts';
import { fraction, hash, valueNoise } from './noise.ts';
import type { Hull } from './scene.ts';

/** Grey levels of the deck pattern about the deck's colour. */
export const PATTERN_HEIGHT = 40;

/** Stains, in grey levels and pixels; alike on every deck, and coarse enough to be seen in the overview. */
const STAIN_HEIGHT = 12;
const STAIN_SIZE = 9;
const GRAIN_HEIGHT = 4;

/** Everything but the deck pattern is the same for barges and vessels of every class. */
export function paintHull(canvas: Canvas, hull: Hull, noise: number): void {
  const { forward, across: side } = axes(hull);
  const pattern = deckPattern(hull);
  const house = { middle: -hull.length / 2 + 7.5, halfLength: 3, halfBeam: hull.beam * 0.34 };
  const tone = [0, 0, 0];
  eachPixel(canvas, boxOf(hull, 1), (x, y, at) => {
    const [dx, dy] = [x - hull.x, y - hull.y];
    const along = dx * forward[0] + dy * forward[1];
    const across = dx * side[0] + dy * side[1];
    const inside = insideOf(hull, along, across);
    if (inside <= -0.5) return;
    const onHouse = Math.abs(along - house.middle) < house.halfLength && Math.abs(across) < house.halfBeam;
    const relief = inside < 1 ? -30 : onHouse ? 36 : pattern(along, across) * PATTERN_HEIGHT;
    const stain = valueNoise(along / STAIN_SIZE, across / STAIN_SIZE, noise + Math.round(hull.x)) * STAIN_HEIGHT;
    const grain = (fraction(hash(Math.floor(x), Math.floor(y), noise)) - 0.5) * 2 * GRAIN_HEIGHT;
    for (let band = 0; band < 3; band += 1) tone[band] = (hull.colour[band] as number) + relief + stain + grain;
    blend(canvas.pixels, at, tone, Math.min(1, inside + 0.5));
  });
}

/** Share of the length that the bow takes. */
const BOW = 0.16;

/** Distance to the outline in pixels, positive inside: square astern, rounded to a point ahead. */
function insideOf({ length, beam }: Hull, along: number, across: number): number {
  const bow = length * BOW;
  const intoBow = Math.max(0, (along - length / 2 + bow) / bow);
  if (intoBow >= 1) return Number.NEGATIVE_INFINITY;
  const halfBeam = (beam / 2) * Math.sqrt(1 - intoBow * intoBow);
  return Math.min(halfBeam - Math.abs(across), along + length / 2);
}
