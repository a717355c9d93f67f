import type { Raster, Window } from '../../scene.ts';
import { inLanes } from '../bytes/in-lanes.ts';
import { markValid, type NoDataFacts } from '../rasters/mark-valid.ts';
import type { Layout } from './layout.ts';
import { readWindows, type TileSource } from './read-windows.ts';

/** A level of a scene: how its pixels are stored, and what says which of them have data. */
export type ReadableLevel = {
  readonly layout: Layout;
  readonly mask: Layout | undefined;
  readonly noData: Omit<NoDataFacts, 'mask'>;
};

/**
 * Read windows of a level, and the mask over them at the same time. The mask's tiles are not counted as tiles read: they
 * say nothing of how much of the scene was looked at.
 * @throws what `readWindows` throws
 */
export async function readLevel(
  { layout, mask, noData }: ReadableLevel,
  windows: readonly Window[],
  tiles: TileSource,
  signal: AbortSignal,
): Promise<Raster[]> {
  let rasters: Raster[] = [];
  let masks: Raster[] = [];
  const readPixels = async (signal: AbortSignal) => {
    rasters = await readWindows(layout, windows, tiles, signal);
  };
  const readMask = async (signal: AbortSignal) => {
    if (mask) masks = await readWindows(mask, windows, { ...tiles, cost: { tiles: 0 } }, signal);
  };
  await inLanes([readPixels, readMask], 2, signal, (read, signal) => read(signal));
  return Promise.all(rasters.map((raster, i) => markValid(raster, { ...noData, mask: masks[i] }, signal)));
}
