import type { TileGrid } from './tile-grid.ts';
import type { TilePixels } from './tile-shape.ts';

/**
 * Where each band has tiles of its own: keeps those of a place until all of its bands are there, which then go on
 * together. Tiles that hold all bands go on as they come.
 * @param go told the first band's tile, and the pixels of every band in order
 */
export function gatherPlanes(
  { planes, across, down }: TileGrid,
  go: (tile: number, pixels: readonly TilePixels[]) => void,
): (tile: number, pixels: TilePixels) => void {
  if (planes === 1) return (tile, pixels) => go(tile, [pixels]);
  const waiting = new Map<number, Map<number, TilePixels>>();
  const places = across * down;
  return (tile, pixels) => {
    const place = tile % places;
    const known = waiting.get(place) ?? new Map<number, TilePixels>();
    waiting.set(place, known.set(Math.floor(tile / places), toKeep(pixels)));
    if (known.size < planes) return;
    waiting.delete(place);
    go(
      place,
      Array.from({ length: planes }, (_, plane) => known.get(plane) as TilePixels),
    ); // all are there
  };
}

/** Decoders that lend their memory may be waited for by the very bands that are not there yet. */
function toKeep({ part, pixels, giveBack }: TilePixels): TilePixels {
  return { part, pixels: giveBack ? pixels.slice() : pixels };
}
