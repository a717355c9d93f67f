import type { Window } from '../scene.ts';
import type { AxisGeometry, GridGeometry } from './geometry.ts';
import type { Draw, Size } from './model.ts';

/**
 * The full-resolution windows under drawn attention cells: cell → centre in the overview → centre in the level →
 * square of `patch` pixels around it, shifted inwards where it would leave the level (an image has no zeros outside).
 *
 * The overview's pixels are taken to be `level / overview` times larger, as those are that GDAL stores: of 1098 pixels it
 * makes 69 of 15.9. One that was averaged here has 69 of 16, the last one cut short, and its last places lie up to 15
 * pixels further on than they are looked for.
 */
export function patchWindows(
  draw: Draw,
  { grid, level, overview, patch }: { grid: GridGeometry; level: Size; overview: Size; patch: number },
): Window[] {
  const start = (axis: AxisGeometry, cell: number, pixels: number, overviewPixels: number) => {
    const centre = (axis.offset + cell * axis.stride) * (pixels / overviewPixels);
    return Math.min(Math.max(Math.round(centre - patch / 2), 0), pixels - patch);
  };
  return draw.cells.map(({ cell }) => ({
    x: start(grid.x, cell % grid.x.cells, level.width, overview.width),
    y: start(grid.y, Math.floor(cell / grid.x.cells), level.height, overview.height),
    width: patch,
    height: patch,
  }));
}
