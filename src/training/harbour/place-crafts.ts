import type { Lots } from '../lots.ts';
import { collide, corners } from './block.ts';
import { seawardDistance } from './coast.ts';
import { wakeOf } from './paint-craft.ts';
import type { Colour, Craft, HarbourScene } from './scene.ts';

/** One boat for each square of this side, in pixels, up to a bound that keeps huge scenes cheap to paint. */
const SPACING = 420;
const MOST = 400;
const TRIES = 30;

/** Pixels that boats keep off large hulls. */
const OFF_HULLS = 30;

const COLOURS: readonly Colour[] = [
  [214, 218, 220],
  [198, 200, 196],
  [188, 170, 150],
  [150, 168, 190],
  [196, 120, 104],
];

/** Small boats all over the water, most of them under way. */
export function placeCrafts(
  { size, noise, coast, quays, hulls }: Pick<HarbourScene, 'size' | 'noise' | 'coast' | 'quays' | 'hulls'>,
  draw: Lots,
): Craft[] {
  const distance = seawardDistance(coast, noise);
  const wanted = Math.min(MOST, Math.round((size / SPACING) ** 2 * draw.between(0.6, 1.6)));
  const crafts: Craft[] = [];
  for (let tries = 0; tries < wanted * TRIES && crafts.length < wanted; tries += 1) {
    const length = draw.between(4, 12);
    const craft = {
      x: draw.between(0, size),
      y: draw.between(0, size),
      direction: draw.between(0, 2 * Math.PI),
      length,
      beam: Math.max(2, length * draw.between(0.28, 0.4)),
      colour: draw.pick(COLOURS),
      wake: draw.chance(0.6) ? draw.between(15, 60) : 0,
    };
    const afloat = corners(wakeOf(craft)).every(([x, y]) => distance(x, y) > 6) && distance(craft.x, craft.y) > 10;
    const clear = ![...quays, ...hulls].some((other) => collide(craft, other, OFF_HULLS));
    const wakeClear = craft.wake === 0 || ![...quays, ...hulls].some((other) => collide(wakeOf(craft), other, 8));
    if (afloat && clear && wakeClear) crafts.push(craft);
  }
  return crafts;
}
