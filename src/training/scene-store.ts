import { SceneError } from '../errors.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Raster, Window } from '../scene.ts';
import type { Level } from '../sources/cog.ts';
import { openImage } from '../sources/open-image.ts';
import { cropRaster } from '../sources/rasters/crop-raster.ts';
import { type SceneView, viewScene } from '../sources/scene-view.ts';
import { isMade, makeScene } from './made-scenes.ts';

/**
 * Hands out overviews and patches of scenes. Scenes are kept decoded while there is room: training comes back to each of
 * them many times, each time to other places. What does not fit is read by window, as in use.
 */
export type SceneStore = { load(path: string): Promise<StoredScene> };

export type StoredScene = {
  readonly overview: Raster;
  /** Of the level that patches are cut from. */
  readonly width: number;
  readonly height: number;
  patches(windows: readonly Window[]): Promise<Raster[]>;
};

export type StoreSettings = {
  readonly model: Pick<Manifest, 'bands' | 'metresPerPixel' | 'overview' | 'patch'> &
    Partial<Pick<Manifest, 'dataType'>>;
  /** Room for scenes' samples; without any, overviews are not kept either. */
  readonly cacheBytes: number;
  readonly signal: AbortSignal;
};

/** Decoded pixels that may be read for an overview: more than in the service, since photographs have none. */
export const MOST_OVERVIEW_BYTES = 512_000_000;

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
      if (isMade(path)) return makeScene(path, settings.model, settings.signal); // quicker than kept ones are found room for
      const scene = scenes.get(path) ?? loadScene(path, settings, fits).catch(rethrow(path));
      if (settings.cacheBytes === 0) return scene;
      scenes.set(path, scene);
      scene.catch(() => scenes.delete(path));
      return scene;
    },
  };
}

async function loadScene(
  path: string,
  { model, cacheBytes, signal }: StoreSettings,
  fits: (bytes: number) => boolean,
): Promise<StoredScene> {
  const look = async () => {
    const settings = { ...model, anyResolution: false, maxOverviewBytes: MOST_OVERVIEW_BYTES };
    return viewScene(await openImage(path, signal), settings, signal);
  };
  const view = await look();
  const { overview, levels } = view;
  const { width, height } = view.cog.levels[levels.patches] as Level; // an index into levels
  const keep = fits(width * height * model.bands.length * overview.data.BYTES_PER_ELEMENT); // its samples are the scene's
  // Where the overview was made from the level of the patches, the view holds that level decoded.
  const isHeld = levels.overview === levels.patches;
  if (isHeld && !keep && cacheBytes > 0) return { overview, width, height, patches: patchesAnew(path, look, signal) };
  if (isHeld || !keep) return { overview, width, height, patches: patchesOfView(path, view, signal) };
  const [whole] = await view.read([{ x: 0, y: 0, width, height }], signal);
  return { overview, width, height, patches: patchesOf(whole as Raster) }; // one window, one raster
}

// Made by functions of their own, so that a scene holds what its patches need, and no decoded level besides.
type Patches = StoredScene['patches'];

function patchesOf(whole: Raster): Patches {
  return async (windows) => windows.map((window) => cropRaster(whole, window));
}

function patchesOfView(path: string, view: Pick<SceneView, 'read'>, signal: AbortSignal): Patches {
  return (windows) => view.read(windows, signal).catch(rethrow(path));
}

function patchesAnew(path: string, look: () => Promise<Pick<SceneView, 'read'>>, signal: AbortSignal): Patches {
  return async (windows) => (await look().catch(rethrow(path))).read(windows, signal);
}

/** Readers speak of bytes and tiles; here it is said whose. */
export function rethrow(path: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof SceneError)) throw error;
    throw new SceneError(error.code, `${path}: ${error.message}`, { cause: error });
  };
}
