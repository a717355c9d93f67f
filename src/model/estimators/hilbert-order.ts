/**
 * All cells of a grid along one line that goes from neighbour to neighbour and fills each corner of the grid before it
 * leaves it: a Hilbert curve, generalised to any rectangle. Cells close on the line are close on the grid.
 *
 * A rectangle is walked along its long side, from one end to the other. It is cut into halves by its length if it is long,
 * else into three: up along the near half, across the far part, and down again. Sides are cut so that a walk's length is
 * even where it can be, for a walk of odd length by even breadth needs one diagonal step.
 * @returns [w·h] indices, row · width + column; the same array for the same grid, not to be changed
 */
export function hilbertOrder(width: number, height: number): Iterable<number> {
  if (kept?.width !== width || kept.height !== height) kept = { width, height, order: walked(width, height) };
  return kept.order;
}

/** Of the grid that was asked for last: a model's scenes are mostly of one size, and the walk takes longer than the draw. */
let kept: { readonly width: number; readonly height: number; readonly order: Uint32Array } | undefined;

function walked(width: number, height: number): Uint32Array {
  const order = new Uint32Array(width * height);
  let length = 0;
  const visit = (cell: number) => {
    order[length] = cell;
    length += 1;
  };
  const [right, down] = [
    { step: 1, cells: width },
    { step: width, cells: height },
  ];
  if (width >= height) walk(0, { along: right, across: down }, visit);
  else walk(0, { along: down, across: right }, visit);
  return order;
}

/** A side of a rectangle: from one of its cells to the next the index grows by `step`, which may be negative. */
type Side = { readonly step: number; readonly cells: number };

/** From a corner along one side of a rectangle, to the end of that side. Little is made on the way: maps are large. */
function walk(from: number, { along, across }: { along: Side; across: Side }, visit: (cell: number) => void): void {
  if (across.cells === 1) straight(from, along, visit);
  else if (along.cells === 1) straight(from, across, visit);
  else if (2 * along.cells > 3 * across.cells) {
    const half = evenHalf(along.cells);
    walk(from, { along: { ...along, cells: half }, across }, visit);
    walk(from + half * along.step, { along: { ...along, cells: along.cells - half }, across }, visit);
  } else {
    const [near, half] = [evenHalf(across.cells), Math.floor(along.cells / 2)];
    walk(from, { along: { ...across, cells: near }, across: { ...along, cells: half } }, visit);
    walk(from + near * across.step, { along, across: { ...across, cells: across.cells - near } }, visit);
    const corner = from + (along.cells - 1) * along.step + (near - 1) * across.step;
    const back = { step: -across.step, cells: near };
    walk(corner, { along: back, across: { step: -along.step, cells: along.cells - half } }, visit);
  }
}

function straight(from: number, { step, cells }: Side, visit: (cell: number) => void): void {
  for (let i = 0; i < cells; i += 1) visit(from + i * step);
}

/** Half of a length, or one more where that makes it even and leaves something. */
function evenHalf(length: number): number {
  const half = Math.floor(length / 2);
  return half % 2 === 1 && length > 2 ? half + 1 : half;
}
