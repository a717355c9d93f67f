import type { Lots } from '../lots.ts';
import { boxOf, collide, corners, pointOf } from './block.ts';
import { seawardDistance } from './coast.ts';
import { wakeOf } from './paint-craft.ts';
import type { Block, Colour, HarbourScene, Hull, Quay } from './scene.ts';

/**
 * Where the large hulls lie, and how they look. All are drawn and placed alike; only then lots decide which of them is
 * the vessel of interest. So nothing but its deck tells it from the barges.
 */
type Surroundings = Pick<HarbourScene, 'size' | 'noise' | 'coast' | 'quays' | 'class'>;

/** Pixels that hulls keep off the border of the scene, off each other's centres, off the coast and off quays. */
const BORDER = 64;
const BETWEEN_HULLS = 170;
const OFF_COAST = 30;
const OFF_QUAYS = 26;

const ALONGSIDE_SHARE = 0.3;
const UNDERWAY_SHARE = 0.4;
const TRIES = 300;

/** Mean colours of decks: mid-tones, so that no pattern is cut off at black or white. */
const DECKS: readonly Colour[] = [
  [14, -4, -12],
  [-12, 0, 12],
  [-8, 6, -4],
  [2, 0, -4],
  [10, 2, -14],
];

/** @returns undefined where there is no room for them all */
export function placeHulls(surroundings: Surroundings, draw: Lots): Hull[] | undefined {
  const { size } = surroundings;
  const barges = draw.whole(1, size < 1024 ? 2 : 3);
  const vessels = surroundings.class === 'none' ? 0 : 1;
  const distance = seawardDistance(surroundings.coast, surroundings.noise);
  const berths: Berth[] = [];
  while (berths.length < barges + vessels) {
    const berth = berthOf({ ...surroundings, distance, berths }, draw);
    if (berth === undefined) return undefined;
    berths.push(berth);
  }
  const chosen = draw.whole(0, berths.length - 1);
  return berths.map((berth, index) => ({
    ...berth,
    ...looksOf(draw),
    deck: surroundings.class !== 'none' && index === chosen ? surroundings.class : 'barge',
  }));
}

type Berth = Block & { readonly wake: number };
type Waters = Surroundings & { readonly berths: readonly Berth[]; distance(x: number, y: number): number };

function berthOf(waters: Waters, draw: Lots): Berth | undefined {
  const { size, quays, berths } = waters;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const hull = { length: draw.between(80, 110), beam: draw.between(14, 20) };
    const quay = draw.chance(ALONGSIDE_SHARE) && quays.length > 0 ? draw.pick(quays) : undefined;
    const block = quay ? alongside(quay, hull, draw) : anywhere(size, hull, draw);
    const wake = quay === undefined && draw.chance(UNDERWAY_SHARE) ? draw.between(50, 140) : 0;
    const [x0, y0, x1, y1] = boxOf(block);
    const inside = Math.min(x0, y0) >= BORDER && Math.max(x1, y1) <= size - BORDER;
    const apart = berths.every(({ x, y }) => Math.hypot(x - block.x, y - block.y) >= BETWEEN_HULLS);
    if (!inside || !apart || !isAfloat(block, quay, waters)) continue;
    return { ...block, wake: wake > 0 && isClear({ ...block, wake }, waters) ? wake : 0 };
  }
  return undefined;
}

type HullSize = { readonly length: number; readonly beam: number };

function anywhere(size: number, hull: HullSize, draw: Lots): Block {
  const at = () => draw.between(BORDER, size - BORDER);
  return { ...hull, x: at(), y: at(), direction: draw.between(0, 2 * Math.PI) };
}

/** Moored to one side of a quay, bow towards the land or the sea. */
function alongside(quay: Quay, hull: HullSize, draw: Lots): Block {
  const side = (quay.beam + hull.beam) / 2 + draw.between(2, 5);
  const along = draw.between(0, quay.length / 2 - 10);
  const [x, y] = pointOf(quay, along, draw.chance(0.5) ? side : -side);
  return { ...hull, x, y, direction: quay.direction + (draw.chance(0.5) ? Math.PI : 0) };
}

/** In water all around, and clear of quays; a moored hull may be near its own. */
function isAfloat(block: Block, moored: Quay | undefined, { quays, distance }: Waters): boolean {
  const margin = moored ? 4 : OFF_COAST;
  const points = [...corners(block), pointOf(block, 0, block.beam / 2), pointOf(block, 0, -block.beam / 2)];
  if (points.some(([x, y]) => distance(x, y) < margin)) return false;
  return quays.every((quay) => quay === moored || !collide(block, quay, OFF_QUAYS));
}

/** Whether a wake runs over water alone. */
function isClear(berth: Berth, { quays, distance }: Waters): boolean {
  const wake = wakeOf(berth);
  return corners(wake).every(([x, y]) => distance(x, y) > 0) && !quays.some((quay) => collide(wake, quay, 0));
}

function looksOf(draw: Lots): Pick<Hull, 'colour' | 'phase'> {
  const grey = draw.between(128, 158);
  const [red, green, blue] = draw.pick(DECKS);
  return { colour: [grey + red, grey + green, grey + blue], phase: [draw.between(0, 1), draw.between(0, 1)] };
}
