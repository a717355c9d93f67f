import type { Raster, Window } from './scene.ts';

/**
 * Notes on each patch where it was cut: the centre of its window, as shares of the level's width and height.
 * @param windows of the level, one for each patch
 */
export function placePatches(
  patches: readonly Raster[],
  windows: readonly Window[],
  { width, height }: { readonly width: number; readonly height: number },
): Raster[] {
  return patches.map((patch, index) => {
    const window = windows[index] as Window; // one for each patch
    return { ...patch, centre: [(window.x + window.width / 2) / width, (window.y + window.height / 2) / height] };
  });
}
