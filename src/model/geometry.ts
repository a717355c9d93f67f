import type { LayersModel } from '@tensorflow/tfjs-layers';
import { SceneError } from '../errors.ts';
import type { Window } from '../scene.ts';
import type { Size } from './model.ts';

/**
 * Derives from a network's layers which input pixels each cell of its output looks at. Nothing of this is typed in by
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
  readonly padding: 'valid' | 'same';
};

/** What a network does along each axis, bottom layer first. */
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
    const { offset, stride } = axisGeometry(layers, 2 ** 20);
    return Math.min(Math.max(Math.ceil(offset - stride / 2), 0), pixels - 1);
  };
  return { x: axis(stack.x, input.width), y: axis(stack.y, input.height) };
}

/** The part of the input that the cells divide evenly among them: half a stride around the first and last centre. */
export function fieldOf({ x, y }: GridGeometry): Window {
  const start = (axis: AxisGeometry) => axis.offset - axis.stride / 2;
  return { x: start(x), y: start(y), width: x.cells * x.stride, height: y.cells * y.stride };
}

/**
 * Reads the stack off a network's layers.
 * @throws {TypeError} for a layer of which it is not known what its cells look at
 */
export function windowStack(network: LayersModel): WindowStack {
  const layers = network.layers.flatMap((layer) => windowLayers(layer.getClassName(), layer.getConfig()));
  return { x: layers.map(([, x]) => x), y: layers.map(([y]) => y) };
}

/**
 * The cells of a stack of sliding-window layers over `pixels` pixels of one axis.
 * @throws {SceneError} `scene.unsuitable` when the axis is too short for the stack to have a cell
 */
export function axisGeometry(layers: readonly WindowLayer[], pixels: number): AxisGeometry {
  let geometry: AxisGeometry = { cells: pixels, stride: 1, offset: 0.5, receptiveField: 1 };
  for (const layer of layers) geometry = slide(geometry, layer);
  if (geometry.cells < 1) {
    const numbers = `${pixels} pixels of overview, the attention network sees ${geometry.receptiveField} at once`;
    throw new SceneError('scene.unsuitable', `the scene is too small: ${numbers}`);
  }
  return geometry;
}

function slide(below: AxisGeometry, { kernel, stride, dilation, padding }: WindowLayer): AxisGeometry {
  const reach = (kernel - 1) * dilation;
  const cells = Math.ceil((padding === 'same' ? below.cells : below.cells - reach) / stride);
  // TensorFlow's rule: `same` pads as little as it can and puts the smaller half in front.
  const padded = padding === 'same' ? Math.max(0, (cells - 1) * stride + reach + 1 - below.cells) : 0;
  return {
    cells,
    stride: below.stride * stride,
    offset: below.offset + (reach / 2 - Math.floor(padded / 2)) * below.stride,
    receptiveField: below.receptiveField + reach * below.stride,
  };
}

const POINTWISE = new Set(['InputLayer', 'Activation', 'ReLU', 'LeakyReLU', 'BatchNormalization', 'Dropout']);
const CONVOLUTIONS = new Set(['Conv2D', 'DepthwiseConv2D', 'SeparableConv2D']);
const POOLS = new Set(['MaxPooling2D', 'AveragePooling2D']);

/** What a layer does along [y, x]; nothing for layers that look at one position at a time. */
function windowLayers(kind: string, config: Record<string, unknown>): [WindowLayer, WindowLayer][] {
  if (POINTWISE.has(kind)) return [];
  const padding = config['padding'];
  if (padding !== 'valid' && padding !== 'same')
    throw new TypeError(`no grid geometry for padding ${padding} of ${kind}`);
  const read = (name: string) => pair(config[name] ?? 1);
  const [strides, dilations] = [read('strides'), read('dilationRate')];
  const kernels = CONVOLUTIONS.has(kind) ? read('kernelSize') : POOLS.has(kind) ? read('poolSize') : undefined;
  if (kernels === undefined) throw new TypeError(`no grid geometry for a layer of kind ${kind}`);
  const axis = (i: 0 | 1): WindowLayer => ({ kernel: kernels[i], stride: strides[i], dilation: dilations[i], padding });
  return [[axis(0), axis(1)]];
}

function pair(value: unknown): [number, number] {
  if (typeof value === 'number') return [value, value];
  if (Array.isArray(value) && typeof value[0] === 'number' && typeof value[1] === 'number') return [value[0], value[1]];
  throw new TypeError(`wanted a number or two, got ${JSON.stringify(value)}`);
}
