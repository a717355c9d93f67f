import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { WindowLayer, WindowStack } from './geometry.ts';

type Layer = LayersModel['layers'][number];

/**
 * Reads off a network's layers what they do along each axis: windows that slide, branches that part and meet again.
 * Layers that look at one position at a time are left out.
 * @throws {TypeError} for a network of which it is not known what its cells look at
 */
export function windowStack(network: LayersModel): WindowStack {
  if (network.inputs.length !== 1 || network.outputs.length !== 1) {
    throw new TypeError('no grid geometry for a network of several inputs or outputs');
  }
  const [x, y]: [WindowLayer[], WindowLayer[]] = [[], []];
  /** Of each layer, which entry of the stack gives what it gives; -1 where that is the input. */
  const entries = new Map<Layer, number>();
  for (const layer of network.layers) {
    const from = [...new Set(below(layer).map((other) => entries.get(other) ?? -1))];
    const [windows, merged] = [windowsOf(layer), from.length > 1];
    if (windows === undefined && !merged) {
      entries.set(layer, from[0] ?? -1);
      continue;
    }
    const [alongY, alongX] = windows ?? [HERE, HERE];
    const looked = from.length === 1 && from[0] === x.length - 1 ? {} : { from };
    entries.set(layer, x.length);
    x.push({ ...alongX, ...looked });
    y.push({ ...alongY, ...looked });
  }
  return { x, y };
}

/** A layer that looks at the same position of several branches. */
const HERE: WindowLayer = { kernel: 1, stride: 1, dilation: 1, padding: 'valid' };

function below(layer: Layer): Layer[] {
  const nodes = layer.inboundNodes;
  if (nodes.length !== 1) throw new TypeError(`no grid geometry for layer ${layer.name}, which is used more than once`);
  return nodes.flatMap((node) => node.inboundLayers);
}

const POINTWISE = new Set([
  ...['InputLayer', 'Activation', 'ReLU', 'LeakyReLU', 'ELU', 'ThresholdedReLU', 'BatchNormalization'],
  ...['Dropout', 'SpatialDropout2D', 'GaussianNoise', 'GaussianDropout', 'AlphaDropout'],
  ...['Add', 'Multiply', 'Average', 'Maximum', 'Minimum'],
]);
const CONVOLUTIONS = new Set(['Conv2D', 'DepthwiseConv2D', 'SeparableConv2D']);
const POOLS = new Set(['MaxPooling2D', 'AveragePooling2D']);

/** What a layer does along [y, x]; undefined for layers that look at one position at a time. */
function windowsOf(layer: Layer): readonly [WindowLayer, WindowLayer] | undefined {
  const [kind, config]: [string, Record<string, unknown>] = [layer.getClassName(), layer.getConfig()];
  if (config['dataFormat'] === 'channelsFirst')
    throw new TypeError(`no grid geometry for channels first, as of ${layer.name}`);
  if (POINTWISE.has(kind) || (kind === 'Concatenate' && isOfChannels(config['axis']))) return undefined;
  if (kind === 'ZeroPadding2D') return padded(config['padding'], 1);
  if (kind === 'Cropping2D') return padded(config['cropping'], -1);
  const padding = config['padding'];
  const read = (name: string) => pair(config[name] ?? 1);
  const kernels = CONVOLUTIONS.has(kind) ? read('kernelSize') : POOLS.has(kind) ? read('poolSize') : undefined;
  if (kernels === undefined) throw new TypeError(`no grid geometry for a layer of kind ${kind}`);
  if (padding !== 'valid' && padding !== 'same')
    throw new TypeError(`no grid geometry for padding ${padding} of ${kind}`);
  const [strides, dilations] = [read('strides'), read('dilationRate')];
  const axis = (i: 0 | 1): WindowLayer => ({ kernel: kernels[i], stride: strides[i], dilation: dilations[i], padding });
  return [axis(0), axis(1)];
}

function isOfChannels(axis: unknown): boolean {
  return axis === -1 || axis === 3;
}

/** Cells added at each side (sign 1) or cut off (-1), as many in front as behind. */
function padded(sides: unknown, sign: 1 | -1): readonly [WindowLayer, WindowLayer] {
  if (!Array.isArray(sides)) throw new TypeError(`wanted two pairs of numbers, got ${JSON.stringify(sides)}`);
  const [y, x] = sides.map(pair).map(([before, after]) => {
    if (before !== after) throw new TypeError(`no grid geometry for uneven padding, ${before} and ${after}`);
    return { ...HERE, padding: sign * before };
  });
  if (y === undefined || x === undefined)
    throw new TypeError(`wanted two pairs of numbers, got ${JSON.stringify(sides)}`);
  return [y, x];
}

function pair(value: unknown): [number, number] {
  if (typeof value === 'number') return [value, value];
  if (Array.isArray(value) && typeof value[0] === 'number' && typeof value[1] === 'number') return [value[0], value[1]];
  throw new TypeError(`wanted a number or two, got ${JSON.stringify(value)}`);
}
