import { axisGeometry, type WindowLayer } from './geometry.ts';
import type { Layer, PlainLayer } from './layer-description.ts';

/**
 * How many cells to cut off at each side of what enters the shortcut of a residual block, so that its cells lie over
 * those of the unpadded layers beside it.
 * @throws {TypeError} when no number of cells will do
 */
export function residualCrop({ layers, shortcut }: Extract<Layer, { residual: unknown }>['residual']): number {
  const [beside, along] = [unpadded(layers), unpadded(shortcut)];
  const crop = beside.offset - along.offset;
  if (crop >= 0 && Number.isInteger(crop) && beside.stride === along.stride) return crop;
  const place = ({ offset, stride }: typeof beside) => `${offset} + ${stride}i`;
  throw new TypeError(
    `a residual's layers and shortcut do not lie over the same pixels: ${place(beside)}, ${place(along)}`,
  );
}

const ENOUGH = 2 ** 20;

/** What unpadded layers leave out; padded ones leave out nothing, whatever the size of their input. */
function unpadded(layers: readonly PlainLayer[]) {
  return axisGeometry(layers.flatMap(windowOf), ENOUGH);
}

function windowOf(layer: PlainLayer): WindowLayer[] {
  const read = (kernel: number, stride: number, dilation: number, padding: 'valid' | 'same'): WindowLayer[] =>
    padding === 'same'
      ? [{ kernel: 1, stride, dilation: 1, padding: 'valid' }]
      : [{ kernel, stride, dilation, padding }];
  if ('conv' in layer) return read(layer.conv.kernel, layer.conv.stride, layer.conv.dilation, layer.conv.padding);
  const pool = 'maxPool' in layer ? layer.maxPool : 'averagePool' in layer ? layer.averagePool : undefined;
  if (pool === undefined) return [];
  if (typeof pool === 'number') return read(pool, pool, 1, 'valid');
  return read(pool.size, pool.stride ?? pool.size, 1, pool.padding);
}
