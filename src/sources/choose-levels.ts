import { SceneError } from '../errors.ts';
import type { Level } from './cog.ts';

/**
 * Decides which levels of a scene's pyramid a model is shown: the one that patches are cut from, whose ground size is
 * the one the model was trained at, and the one that its overview comes from.
 */
export type SceneLevels = {
  /** Index of the level that patches are cut from. */
  readonly patches: number;
  /** Index of the level that the overview is read from. */
  readonly overview: number;
  /** Whole factor by which that level is averaged down to become the overview; 1 where it is the overview. */
  readonly factor: number;
};

/** Ground sizes within this factor of each other count as the same: 10 m takes 8 to 12.5 m. */
const TOLERANCE = 1.25;

/** What a model is to be shown, in the words of its manifest. */
export type Wanted = {
  /** Ground size of a pixel of the level that patches are cut from; null where any will do. */
  readonly metresPerPixel: number | null;
  /** How many times coarser than that level the overview is; one that is to be `stored` is never made. */
  readonly overview: { readonly scale: number; readonly resampling: 'average' | 'stored' };
  /** Side of a patch in pixels. */
  readonly patch: { readonly size: number };
};

/** @throws {SceneError} `scene.unsuitable`, with the numbers */
export function chooseLevels(
  levels: readonly Level[],
  wanted: Wanted,
  { anyResolution }: { anyResolution: boolean },
): SceneLevels {
  const { metresPerPixel, overview } = wanted;
  const patches = anyResolution || metresPerPixel === null ? 0 : levelAtResolution(levels, metresPerPixel);
  const level = levels[patches] as Level; // an index into levels
  if (Math.min(level.width, level.height) < wanted.patch.size) {
    const numbers = `${level.width} × ${level.height} pixels where a patch has ${wanted.patch.size} × ${wanted.patch.size}`;
    throw new SceneError('scene.unsuitable', `the scene is smaller than a patch: ${numbers}`);
  }
  if (overview.resampling === 'stored')
    return { patches, overview: storedOverview(levels, patches, overview.scale), factor: 1 };
  return { patches, ...averagedOverview(levels, patches, overview.scale) };
}

/** The level whose ground size comes closest; the finest where the file states no ground size. */
function levelAtResolution(levels: readonly Level[], wanted: number): number {
  if (levels[0]?.metresPerPixel === undefined) return 0;
  const off = levels.map(({ metresPerPixel }) =>
    Math.abs(Math.log((metresPerPixel ?? Number.POSITIVE_INFINITY) / wanted)),
  );
  const nearest = off.indexOf(Math.min(...off));
  if ((off[nearest] as number) <= Math.log(TOLERANCE)) return nearest;
  const found = levels.map(({ metresPerPixel }) => Number(metresPerPixel?.toPrecision(4))).join(', ');
  const message = `the model was trained at ${wanted} metres per pixel; the scene's levels have ${found}`;
  throw new SceneError('scene.unsuitable', message);
}

/**
 * The coarsest level that is the overview, or from which it can be made by averaging over a whole factor. The level of
 * the patches always can, so one is always found.
 */
function averagedOverview(levels: readonly Level[], patches: number, scale: number): Omit<SceneLevels, 'patches'> {
  const base = levels[patches] as Level; // an index into levels
  const candidates = levels.flatMap((level, overview) => {
    const relative = Math.round(base.width / level.width);
    const factor = scale / relative;
    const fits = isScaled(base.width, level.width, relative) && isScaled(base.height, level.height, relative);
    return overview >= patches && fits && Number.isInteger(factor) ? [{ overview, factor }] : [];
  });
  return candidates.at(-1) as Omit<SceneLevels, 'patches'>; // factor = scale of the patches' own level always is there
}

/** The level that is the overview: made by other means than averaging, it cannot be made here. */
function storedOverview(levels: readonly Level[], patches: number, scale: number): number {
  const base = levels[patches] as Level; // an index into levels
  const found = levels.findIndex(
    ({ width, height }) => isScaled(base.width, width, scale) && isScaled(base.height, height, scale),
  );
  if (found >= 0) return found;
  const sizes = levels.map(({ width, height }) => `${width} × ${height}`).join(', ');
  const message = `the model needs an overview that is stored ${scale} times coarser; the scene's levels are ${sizes}`;
  throw new SceneError('scene.unsuitable', message);
}

/** Writers of overviews round sizes up or down. */
function isScaled(full: number, reduced: number, scale: number): boolean {
  return Math.abs(full / scale - reduced) < 1;
}
