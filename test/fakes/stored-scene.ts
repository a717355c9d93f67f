import type { Raster } from '../../src/scene.ts';
import { cropRaster } from '../../src/sources/rasters/crop-raster.ts';
import type { StoredScene } from '../../src/training/scene-store.ts';

/** A scene held in memory, as the store hands it out. */
export function storedScene(raster: Raster, overview: Raster): StoredScene {
  return {
    overview,
    width: raster.width,
    height: raster.height,
    patches: async (windows) => windows.map((window) => cropRaster(raster, window)),
  };
}
