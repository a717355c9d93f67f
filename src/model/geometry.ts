import { SceneError } from '../errors.ts';
import type { Window } from '../scene.ts';
import type { Size } from './model.ts';

/**
 * Derives from what a network's layers do (`window-stack.ts`) which input pixels each cell of its output looks at. Nothing of this is typed in by
 * hand: a window that is half a pixel off in the overview is eight pixels off at full resolution.
 *
 * Positions are continuous: pixel p covers [p, p + 1), its centre is p + ½. Cell i is centred on `offset + i · stride`.
 */
export type AxisGeometry = {
  readonly cells: number;
  readonly stride: number;
  readonly offset: number;
  /** Input pixels that one cell depends on; at the border of a padded network some of them are padding. */
  readonly receptiveField: number;
};

export type GridGeometry = { readonly x: AxisGeometry; readonly y: AxisGeometry };

/** One sliding-window layer along one axis. */
export type WindowLayer = {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** A number of cells is added at both ends; a negative one is cut off. */
  readonly padding: 'valid' | 'same' | number;
  /**
   * Which layers of the stack it looks at, -1 for the input; the one before it where nothing is said. Several are
   * looked at as one (added, joined): their cells must lie over the same pixels.
   */
  readonly from?: readonly number[];
};

/** What a network does along each axis, bottom layer first, the output's last. */
export type WindowStack = { readonly x: readonly WindowLayer[]; readonly y: readonly WindowLayer[] };

/**
 * Where the cells of a network lie over an input of the given size that is mirrored outwards by `borders`, in pixels of
 * the input itself. Without the mirrored border an unpadded network would not see what lies along the input's own.
 * @throws {SceneError} `scene.unsuitable` when the input is too small to have a cell
 */
export function gridGeometry(stack: WindowStack, input: Size): GridGeometry {
  const border = borders(stack, input);
  const axis = (layers: readonly WindowLayer[], pixels: number, mirrored: number) => {
    const padded = axisGeometry(layers, pixels + 2 * mirrored);
    return { ...padded, offset: padded.offset - mirrored };
  };
  return { x: axis(stack.x, input.width, border.x), y: axis(stack.y, input.height, border.y) };
}

/** How many pixels an input is mirrored outwards at each side: as many as the first cell would leave out, if it has them. */
export function borders(stack: WindowStack, input: Size): { readonly x: number; readonly y: number } {
  const axis = (layers: readonly WindowLayer[], pixels: number) => {
    const { leftOut } = walk(layers, 2 ** 20);
    return Math.min(Math.max(Math.ceil(leftOut), 0), pixels - 1);
  };
  return { x: axis(stack.x, input.width), y: axis(stack.y, input.height) };
}

/** The part of the input that the cells divide evenly among them: half a stride around the first and last centre. */
export function fieldOf({ x, y }: GridGeometry): Window {
  const start = (axis: AxisGeometry) => axis.offset - axis.stride / 2;
  return { x: start(x), y: start(y), width: x.cells * x.stride, height: y.cells * y.stride };
}

/**
 * The cells of a stack of sliding-window layers over `pixels` pixels of one axis.
 * @throws {SceneError} `scene.unsuitable` when the axis is too short for the stack to have a cell
 * @throws {TypeError} when branches of the network do not lie over the same pixels
 */
export function axisGeometry(layers: readonly WindowLayer[], pixels: number): AxisGeometry {
  const { leftOut: _, ...geometry } = walk(layers, pixels);
  if (geometry.cells >= 1) return geometry;
  const numbers = `${pixels} pixels of overview, the attention network sees ${geometry.receptiveField} at once`;
  throw new SceneError('scene.unsuitable', `the scene is too small: ${numbers}`);
}

/** `leftOut`: pixels in front of the first cell's share of the input, for want of padding. */
type Walked = AxisGeometry & { readonly leftOut: number };

function walk(layers: readonly WindowLayer[], pixels: number): Walked {
  const input: Walked = { cells: pixels, stride: 1, offset: 0.5, receptiveField: 1, leftOut: 0 };
  const walked: Walked[] = [];
  const at = (index: number) => (index < 0 ? input : (walked[index] as Walked)); // a layer looks at earlier ones only
  layers.forEach((layer, index) => {
    walked.push(slide(join((layer.from ?? [index - 1]).map(at)), layer));
  });
  return at(layers.length - 1);
}

/** Several branches looked at as one: a cell sees what that of any branch sees. */
function join(branches: readonly Walked[]): Walked {
  const [first, ...others] = branches as [Walked, ...Walked[]]; // a layer looks at one at least
  for (const other of others) {
    if (other.stride === first.stride && other.offset === first.offset && other.cells === first.cells) continue;
    const place = ({ cells, stride, offset }: Walked) => `${cells} cells at ${offset} + ${stride}i pixels`;
    throw new TypeError(`branches of the network do not lie over the same pixels: ${place(first)}, ${place(other)}`);
  }
  const most = (of: (branch: Walked) => number) => Math.max(...branches.map(of));
  return { ...first, receptiveField: most((b) => b.receptiveField), leftOut: most((b) => b.leftOut) };
}

function slide(below: Walked, { kernel, stride, dilation, padding }: WindowLayer): Walked {
  const reach = (kernel - 1) * dilation;
  const added = typeof padding === 'number' ? padding : 0;
  const cells = Math.ceil((padding === 'same' ? below.cells : below.cells + 2 * added - reach) / stride);
  // TensorFlow's rule: `same` pads as little as it can and puts the smaller half in front.
  const padded = padding === 'same' ? Math.max(0, (cells - 1) * stride + reach + 1 - below.cells) : 2 * added;
  const uncovered = padding === 'same' ? 0 : (reach + 1 - stride) / 2 - added;
  return {
    cells,
    stride: below.stride * stride,
    offset: below.offset + (reach / 2 - Math.floor(padded / 2)) * below.stride,
    receptiveField: below.receptiveField + reach * below.stride,
    leftOut: below.leftOut + uncovered * below.stride,
  };
}
