import type { Manifest } from '../../model/manifest.ts';
import type { Raster } from '../../scene.ts';
import type { StoredScene } from '../scene-store.ts';

/**
 * A scene in another light: its samples are multiplied by the exposure, and what the networks see of that, x, becomes
 * gain·x + offset (as in the paper's experiments on traffic signs). Overview and patches change alike.
 */
export type Light = {
  /** Below 1 darker; black stays black. */
  readonly exposure: number;
  readonly gain: number;
  /** In the unit of the networks' input, that is behind the manifest's scale and offset of each band (before any gamma correction). */
  readonly offset: number;
};

export function lightScene(scene: StoredScene, bands: Manifest['bands'], light: Light): StoredScene {
  return {
    ...scene,
    overview: lightRaster(scene.overview, bands, light),
    patches: async (windows) => (await scene.patches(windows)).map((patch) => lightRaster(patch, bands, light)),
  };
}

/** Samples become 32-bit floats: nothing is rounded, and nothing is cut off at the end of a type's range. */
export function lightRaster(raster: Raster, bands: Manifest['bands'], { exposure, gain, offset }: Light): Raster {
  // gain·(exposure·s·scale + base) + offset, told as a sample again.
  const shifts = bands.map(({ scale, offset: base }) => ((gain - 1) * base + offset) / scale);
  const data = new Float32Array(raster.data);
  for (const [band, shift] of shifts.entries())
    for (let i = band; i < data.length; i += shifts.length) data[i] = gain * exposure * (data[i] as number) + shift;
  return { ...raster, data };
}
