import type { Window } from '../../scene.ts';
import { cutTile } from './assemble.ts';
import type { TileGrid } from './tile-grid.ts';
import type { TilePixels } from './tile-shape.ts';

/**
 * Where each band has tiles of its own: keeps what lies under a window of those of a place until all of its bands are
 * there, which then go on together; never whole tiles, which of many bands take gigabytes. Tiles that hold all bands go
 * on as they come.
 * @param go told the first band's tile, and the pixels of every band in order
 */
export function gatherPlanes(
  grid: TileGrid,
  window: Window,
  go: (tile: number, pixels: readonly TilePixels[]) => void,
): (tile: number, pixels: TilePixels) => void {
  const { planes, across, down } = grid;
  if (planes === 1) return (tile, pixels) => go(tile, [pixels]);
  const waiting = new Map<number, Map<number, TilePixels>>();
  const places = across * down;
  return (tile, pixels) => {
    const kept = cutTile(grid, tile, pixels, window);
    if (kept === undefined) return;
    const place = tile % places;
    const known = waiting.get(place) ?? new Map<number, TilePixels>();
    waiting.set(place, known.set(Math.floor(tile / places), kept));
    if (known.size < planes) return;
    waiting.delete(place);
    go(
      place,
      Array.from({ length: planes }, (_, plane) => known.get(plane) as TilePixels),
    ); // all are there
  };
}
