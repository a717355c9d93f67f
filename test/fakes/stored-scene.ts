import type { Raster } from '../../src/scene.ts';
import { averageDown } from '../../src/sources/average-down.ts';
import { cropRaster } from '../../src/sources/crop-raster.ts';
import type { StoredScene } from '../../src/training/scene-store.ts';

/** A scene held in memory, as the store hands it out. */
export function storedScene(raster: Raster, scale: number): StoredScene {
  return {
    overview: averageDown(raster, scale),
    width: raster.width,
    height: raster.height,
    patches: async (windows) => windows.map((window) => cropRaster(raster, window)),
  };
}
