import { cellsWithData } from '../model/cells-with-data.ts';
import { gridGeometry, type WindowStack } from '../model/geometry.ts';
import type { Raster } from '../scene.ts';

/**
 * Decides whether there is anything to see in an overview: a cell with data where a network attends to cells, for pixels
 * at a border may be no cell's, and any pixel with data where none does.
 * @throws {SceneError} `scene.unsuitable` for an overview too small to have a cell
 */
export function hasData(overview: Raster, stack: WindowStack | undefined): boolean {
  if (stack) return cellsWithData(gridGeometry(stack, overview), overview).includes(1);
  return overview.valid?.includes(1) !== false;
}
