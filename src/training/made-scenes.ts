import type { Manifest } from '../model/manifest.ts';
import type { LabelledScene } from './labels.ts';
import * as megapixelMnist from './megapixel-mnist/made-scenes.ts';
import * as roadSigns from './road-signs/made-scenes.ts';
import type { StoredScene } from './scene-store.ts';

/** Data sets without files, whose scenes are made as they are asked for: `megapixel-mnist?…`, `road-signs?…`. */
export type Shown = Pick<Manifest, 'overview' | 'patch'>;

/** Whether a data set, or the path of a scene, is one that is made. */
export function isMade(reference: string): boolean {
  return megapixelMnist.isMade(reference) || roadSigns.isMade(reference);
}

/** @throws {UsageError} when the settings make no sense, or what scenes are made from is not there */
export function labelMade(
  reference: string,
  readLabels: (dataset: string) => Promise<readonly LabelledScene[]>,
): Promise<LabelledScene[]> {
  return roadSigns.isMade(reference) ? roadSigns.labelMade(reference, readLabels) : megapixelMnist.labelMade(reference);
}

/**
 * The scene of a path that `labelMade` gave, as a model is shown it.
 * @throws {SceneError} `scene.unsuitable`
 */
export function makeScene(path: string, shown: Shown, signal: AbortSignal): Promise<StoredScene> {
  const { makeScene } = roadSigns.isMade(path) ? roadSigns : megapixelMnist;
  return makeScene(path, shown, signal);
}
