import type { Lots } from '../lots.ts';
import { collide, corners } from './block.ts';
import { seawardDistance } from './coast.ts';
import type { HarbourScene, Quay } from './scene.ts';

/** How far a quay reaches into the land, and how far quays keep off one another, in pixels. */
const ROOT = 24;
const GAP = 90;
const TRIES = 40;

/** Quays jut out from the coast: a handful, or one in a small scene. */
export function placeQuays({ size, noise, coast }: Pick<HarbourScene, 'size' | 'noise' | 'coast'>, draw: Lots): Quay[] {
  const distance = seawardDistance(coast, noise);
  const [east, south] = coast.seaward;
  const wanted = Math.max(1, Math.round((size / 512) * draw.between(0.7, 1.6)));
  const longest = size < 1024 ? 150 : 260;
  const quays: Quay[] = [];
  for (let tries = 0; tries < wanted * TRIES && quays.length < wanted; tries += 1) {
    const [x, y] = onCoast(coast.seaward, distance, { size, along: draw.between(-0.7, 0.7) * size });
    const direction = Math.atan2(east, -south) + draw.between(-0.3, 0.3);
    const length = draw.between(110, longest);
    const reach = length / 2 - ROOT;
    const quay = {
      x: x + Math.sin(direction) * reach,
      y: y - Math.cos(direction) * reach,
      direction,
      length,
      beam: draw.between(28, 42),
      tone: draw.between(112, 134),
    };
    const inScene = Math.min(x, y) >= 0 && Math.max(x, y) < size;
    const [port, starboard] = corners(quay);
    const endsAtSea = [port, starboard].every((corner) => corner !== undefined && distance(...corner) > 40);
    if (inScene && endsAtSea && !quays.some((other) => collide(quay, other, GAP))) quays.push(quay);
  }
  return quays;
}

/** A point where the coast is crossed, found by going the distance that is left: its slope is close to 1. */
function onCoast(
  [east, south]: readonly [number, number],
  distance: (x: number, y: number) => number,
  { size, along }: { size: number; along: number },
): readonly [x: number, y: number] {
  let [x, y] = [size / 2 - south * along, size / 2 + east * along];
  for (let step = 0; step < 20; step += 1) {
    const left = distance(x, y);
    [x, y] = [x - left * east, y - left * south];
  }
  return [x, y];
}
