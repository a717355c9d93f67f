import { axisGeometry, type WindowLayer } from './geometry.ts';

/**
 * Decides in which strips a network may be shown an input along one axis, so that their cells are the very cells of the
 * whole: each strip begins a multiple of the network's stride from the start, and its length differs from the whole's
 * by such a multiple. Every layer then pads and leaves out at a strip's ends what it would at those of the whole, and
 * only cells whose view is cut or padded where the whole goes on are wrong: they are covered by the next strip.
 */
export type Strip = {
  /** Pixels that the network is shown. */
  readonly start: number;
  readonly pixels: number;
  /** Cells of the strip's own to leave out before those that count. */
  readonly skip: number;
  /** Cells that count; strip after strip they are those of the whole. */
  readonly cells: number;
};

/**
 * As few strips as will do.
 * @param most pixels of a strip; more only where a single cell needs more
 * @throws {SceneError} `scene.unsuitable` when the axis is too short for the stack to have a cell
 */
export function strips(layers: readonly WindowLayer[], pixels: number, most: number): Strip[] {
  const { cells, stride, offset, receptiveField } = axisGeometry(layers.map(withoutCropping), pixels);
  // A cell of padding looks at pixels outside, which are not there: it is shown with those along the border.
  const outermost = Math.max(0, pixels - receptiveField);
  const inside = (pixel: number) => stride * Math.floor(Math.min(Math.max(0, pixel), outermost) / stride);
  const first = (cell: number) => cell * stride + offset - receptiveField / 2;
  const startOf = (cell: number) => inside(first(cell));
  const endOf = (cell: number) => pixels - inside(pixels - first(cell) - receptiveField);
  const found: Strip[] = [];
  for (let cell = 0; cell < cells; ) {
    const start = startOf(cell);
    let next = cell + 1;
    while (next < cells && endOf(next) - start <= most) next += 1;
    found.push({ start, pixels: endOf(next - 1) - start, skip: cell - start / stride, cells: next - cell });
    cell = next;
  }
  return found;
}

/** Cells that are cut off are cells that a window which looks at its middle alone has no room for. */
function withoutCropping(layer: WindowLayer): WindowLayer {
  const { kernel, dilation, padding } = layer;
  if (typeof padding !== 'number' || padding >= 0) return layer;
  return { ...layer, kernel: (kernel - 1) * dilation + 1 - 2 * padding, dilation: 1, padding: 'valid' };
}
