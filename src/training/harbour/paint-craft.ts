import { axes, boxOf, pointOf } from './block.ts';
import { blend, type Canvas, eachPixel, touches } from './canvas.ts';
import { fraction, hash } from './noise.ts';
import type { Block, Colour, Craft } from './scene.ts';

/** A boat: a pointed blot, a few pixels long. */
export function paintCraft(canvas: Canvas, craft: Craft): void {
  const { forward, across: side } = axes(craft);
  eachPixel(canvas, boxOf(craft, 1), (x, y, at) => {
    const [dx, dy] = [x - craft.x, y - craft.y];
    const along = ((dx * forward[0] + dy * forward[1]) * 2) / craft.length;
    const across = ((dx * side[0] + dy * side[1]) * 2) / craft.beam;
    const inside = ((1 - Math.hypot(along, across)) * craft.beam) / 2;
    if (inside > -0.5) blend(canvas.pixels, at, craft.colour, Math.min(1, inside + 0.5));
  });
}

const FOAM: Colour = [206, 216, 218];

/** Half the angle at which a wake widens, as a slope; the share of foam right behind the stern. */
const WAKE_SLOPE = 0.07;
const WAKE_FOAM = 0.5;

/** A trail of foam behind a hull or a boat, brightest along its edges, dying away. */
export function paintWake(canvas: Canvas, block: Block & { readonly wake: number }, noise: number): void {
  if (block.wake === 0) return;
  const trail = wakeOf(block);
  const box = boxOf(trail);
  if (!touches(canvas, box)) return;
  const { forward, across: side } = axes(block);
  eachPixel(canvas, box, (x, y, at) => {
    const [dx, dy] = [x - block.x, y - block.y];
    const behind = -(dx * forward[0] + dy * forward[1]) - block.length / 2;
    if (behind < 0 || behind > block.wake) return;
    const half = block.beam * 0.3 + behind * WAKE_SLOPE;
    const aside = Math.abs(dx * side[0] + dy * side[1]) / half;
    if (aside > 1) return;
    const grain = fraction(hash(Math.floor(x), Math.floor(y), noise));
    const edge = 0.35 + 0.65 * aside * aside;
    const soft = Math.min(1, (1 - aside) * half);
    blend(canvas.pixels, at, FOAM, WAKE_FOAM * (1 - behind / block.wake) ** 1.5 * edge * soft * (0.5 + grain));
  });
}

/** The rectangle that a wake lies in. */
export function wakeOf(block: Block & { readonly wake: number }): Block {
  const [x, y] = pointOf(block, -(block.length + block.wake) / 2, 0);
  return { x, y, direction: block.direction, length: block.wake, beam: block.beam * 0.6 + block.wake * WAKE_SLOPE * 2 };
}
