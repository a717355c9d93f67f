/**
 * All cells of a grid along one line that goes from neighbour to neighbour and fills each corner of the grid before it
 * leaves it: a Hilbert curve, generalised to any rectangle. Cells close on the line are close on the grid.
 *
 * A rectangle is walked along its long side, from one end to the other. It is cut into halves by its length if it is long,
 * else into three: up along the near half, across the far part, and down again. Sides are cut so that a walk's length is
 * even where it can be, for a walk of odd length by even breadth needs one diagonal step.
 * @returns [w·h] indices, row · width + column
 */
export function hilbertOrder(width: number, height: number): Uint32Array {
  const order = new Uint32Array(width * height);
  let length = 0;
  const visit = (at: Vector) => {
    order[length] = at.y * width + at.x;
    length += 1;
  };
  const [right, down] = [
    { x: width, y: 0 },
    { x: 0, y: height },
  ];
  if (width >= height) walk({ x: 0, y: 0 }, { along: right, across: down }, visit);
  else walk({ x: 0, y: 0 }, { along: down, across: right }, visit);
  return order;
}

type Vector = { readonly x: number; readonly y: number };
/** Two sides of a rectangle, parallel to the axes: the walk leads along the first, and ends at its end. */
type Sides = { readonly along: Vector; readonly across: Vector };

function walk(from: Vector, { along, across }: Sides, visit: (at: Vector) => void): void {
  const [steps, lanes] = [size(along), size(across)];
  const [ahead, aside] = [unit(along), unit(across)];
  if (lanes === 1) straight(from, ahead, { steps, visit });
  else if (steps === 1) straight(from, aside, { steps: lanes, visit });
  else if (2 * steps > 3 * lanes) {
    const half = times(ahead, evenHalf(steps));
    walk(from, { along: half, across }, visit);
    walk(plus(from, half), { along: minus(along, half), across }, visit);
  } else {
    const [near, half] = [times(aside, evenHalf(lanes)), times(ahead, Math.floor(steps / 2))];
    walk(from, { along: near, across: half }, visit);
    walk(plus(from, near), { along, across: minus(across, near) }, visit);
    const corner = plus(from, plus(minus(along, ahead), minus(near, aside)));
    walk(corner, { along: times(near, -1), across: times(minus(along, half), -1) }, visit);
  }
}

function straight(from: Vector, step: Vector, { steps, visit }: { steps: number; visit: (at: Vector) => void }): void {
  for (let i = 0; i < steps; i += 1) visit(plus(from, times(step, i)));
}

/** Half of a length, or one more where that makes it even and leaves something. */
function evenHalf(length: number): number {
  const half = Math.floor(length / 2);
  return half % 2 === 1 && length > 2 ? half + 1 : half;
}

const size = ({ x, y }: Vector) => Math.abs(x + y);
const unit = ({ x, y }: Vector): Vector => ({ x: Math.sign(x), y: Math.sign(y) });
const plus = (a: Vector, b: Vector): Vector => ({ x: a.x + b.x, y: a.y + b.y });
const minus = (a: Vector, b: Vector): Vector => ({ x: a.x - b.x, y: a.y - b.y });
const times = (a: Vector, factor: number): Vector => ({ x: a.x * factor, y: a.y * factor });
