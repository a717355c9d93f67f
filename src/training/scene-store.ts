import { SceneError } from '../errors.ts';
import type { Raster, Window } from '../scene.ts';
import type { Cog, Level } from '../sources/cog.ts';
import { cropRaster } from '../sources/crop-raster.ts';
import { openFile } from '../sources/open-file.ts';

/**
 * Hands out overviews and patches of scenes. Scenes are kept decoded while there is room: training comes back to each of
 * them many times, each time to other places. What does not fit is read by window, as in use.
 */
export type SceneStore = { load(path: string): Promise<StoredScene> };

export type StoredScene = {
  readonly overview: Raster;
  readonly width: number;
  readonly height: number;
  patches(windows: readonly Window[]): Promise<Raster[]>;
};

export type StoreSettings = {
  /** The overview is this many times coarser than the scene. */
  readonly scale: number;
  readonly cacheBytes: number;
  readonly signal: AbortSignal;
};

export function sceneStore(settings: StoreSettings): SceneStore {
  const scenes = new Map<string, Promise<StoredScene>>();
  let room = settings.cacheBytes;
  /** Takes its bytes from the room that is left, if they fit. */
  const fits = (bytes: number) => {
    if (bytes > room) return false;
    room -= bytes;
    return true;
  };
  return {
    load(path) {
      const scene = scenes.get(path) ?? loadScene(path, settings, fits);
      scenes.set(path, scene);
      scene.catch(() => scenes.delete(path));
      return scene;
    },
  };
}

async function loadScene(path: string, { scale, signal }: StoreSettings, fits: (bytes: number) => boolean) {
  const cog = await openFile(path, signal);
  const { width, height } = cog.levels[0] as Level;
  const overview = cog.levels.findIndex((level) => level.width === Math.ceil(width / scale));
  if (overview < 0) throw new SceneError('scene.unsuitable', `${path} has no overview ${scale} times coarser`);
  const whole = fits(width * height * cog.bands) ? await readLevel(cog, 0, signal) : undefined;
  return {
    overview: await readLevel(cog, overview, signal),
    width,
    height,
    patches: async (windows: readonly Window[]) =>
      whole ? windows.map((window) => cropRaster(whole, window)) : cog.read(0, windows, signal),
  };
}

async function readLevel(cog: Cog, level: number, signal: AbortSignal): Promise<Raster> {
  const { width, height } = cog.levels[level] as Level;
  const [raster] = await cog.read(level, [{ x: 0, y: 0, width, height }], signal);
  return raster as Raster;
}
