import type { Block } from './scene.ts';

/** Geometry of rectangles in any direction, in pixels. */

/** Unit vectors along (forward) and across (to starboard), on a raster whose y points down. */
export function axes({ direction }: Pick<Block, 'direction'>) {
  const [sin, cos] = [Math.sin(direction), Math.cos(direction)];
  return { forward: [sin, -cos], across: [cos, sin] } as const;
}

/** The point `along` and `across` from the centre. */
export function pointOf(block: Block, along: number, across: number): readonly [x: number, y: number] {
  const { forward, across: side } = axes(block);
  return [block.x + forward[0] * along + side[0] * across, block.y + forward[1] * along + side[1] * across];
}

/** Clockwise on the raster from the port bow; the block may be taken wider by `margin` on all sides. */
export function corners(block: Block, margin = 0): (readonly [x: number, y: number])[] {
  const [half, side] = [block.length / 2 + margin, block.beam / 2 + margin];
  return [
    pointOf(block, half, -side),
    pointOf(block, half, side),
    pointOf(block, -half, side),
    pointOf(block, -half, -side),
  ];
}

/** The smallest upright rectangle of whole pixels around a block, as [x0, y0, x1, y1] with x1 and y1 outside. */
export function boxOf(block: Block, margin = 0): readonly [x0: number, y0: number, x1: number, y1: number] {
  const points = corners(block, margin);
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  return [
    Math.floor(Math.min(...xs)),
    Math.floor(Math.min(...ys)),
    Math.ceil(Math.max(...xs)),
    Math.ceil(Math.max(...ys)),
  ];
}

/** Whether two blocks come nearer than `gap` (separating axes, each block widened by half the gap). */
export function collide(a: Block, b: Block, gap: number): boolean {
  const [ours, theirs] = [corners(a, gap / 2), corners(b, gap / 2)];
  const directions = [a, b].flatMap((block) => Object.values(axes(block)));
  return directions.every(([x, y]) => {
    const mine = ours.map((point) => point[0] * x + point[1] * y);
    const other = theirs.map((point) => point[0] * x + point[1] * y);
    return Math.max(...mine) >= Math.min(...other) && Math.max(...other) >= Math.min(...mine);
  });
}
