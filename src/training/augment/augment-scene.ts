import { z } from 'zod';
import { SceneError } from '../../errors.ts';
import type { WindowStack } from '../../model/geometry.ts';
import type { Manifest } from '../../model/manifest.ts';
import { randomKey, uniform } from '../../random.ts';
import { hasData } from '../has-data.ts';
import type { StoredScene } from '../scene-store.ts';
import { lightScene } from './light-scene.ts';
import { panScene } from './pan-scene.ts';
import { turnScene, WAYS } from './turn-scene.ts';
import { zoomScene } from './zoom-scene.ts';

/** In which ways a scene may be shown differently each time without its label becoming wrong. */
export const augmentationSchema = z.strictObject({
  /** In any of its eight orientations. */
  turns: z.boolean().default(false),
  /** Darker by so many stops of exposure at most: samples are multiplied by 2⁻ˢᵗᵒᵖˢ or more. For samples whose 0 is black. */
  stops: z.number().min(0).max(8).default(0),
  /** Brighter or darker: what the networks see is multiplied by 1 ± `gain` at most, then ± `offset` at most is added. */
  gain: z.number().min(0).max(1).default(0),
  offset: z.number().min(0).default(0),
  /** Moved by so many pixels of the overview at most, along each axis. */
  pan: z.number().int().min(0).default(0),
  /** Nearer or further away, about any point of the scene: by a factor of 1 + `zoom` at most, or by as much the other way. */
  zoom: z.number().min(0).max(1).default(0),
});

export type Augmentation = z.infer<typeof augmentationSchema>;

/** What decides how a scene is shown: the same seed, step and place in the batch show it in the same way. */
export type Showing = { readonly seed: number; readonly step: number; readonly index: number };

export type AugmentSettings = {
  readonly showing: Showing;
  readonly model: Pick<Manifest, 'bands' | 'overview'>;
  /** Of the network that attends to it, if one does. */
  readonly stack?: WindowStack | undefined;
};

/**
 * A scene that would be moved out of sight with all that it has data of is left in its place, and one that would be turned
 * so unturned: cells may lie nearer to one side than to the other.
 * @throws {SceneError} `scene.unsuitable` for an overview too small to have a cell, or without data in any
 */
export function augmentScene(
  scene: StoredScene,
  { turns, stops, gain, offset, pan, zoom }: Augmentation,
  { showing, model, stack }: AugmentSettings,
): StoredScene {
  const pick = picker(showing);
  const turned = turns ? turnScene(scene, Math.floor(pick('turn', 0, WAYS))) : scene;
  const move = (axis: string) => Math.floor(pick(axis, -pan, pan + 1));
  const panned = panScene(turned, { x: move('pan x'), y: move('pan y'), scale: model.overview.scale });
  const zoomed = zoomScene(panned, {
    factor: (1 + zoom) ** pick('zoom', -1, 1),
    x: pick('zoom x', 0, panned.overview.width),
    y: pick('zoom y', 0, panned.overview.height),
    scale: model.overview.scale,
  });
  const placed = [zoomed, turned, scene].find(({ overview }) => hasData(overview, stack));
  if (placed === undefined) throw new SceneError('scene.unsuitable', 'no place in the scene has data');
  if (stops === 0 && gain === 0 && offset === 0) return placed;
  const light = {
    exposure: 2 ** -pick('stops', 0, stops),
    gain: pick('gain', 1 - gain, 1 + gain),
    offset: pick('offset', -offset, offset),
  };
  return lightScene(placed, model.bands, light);
}

/** A number between two bounds for each kind of change. */
function picker({ seed, step, index }: Showing): (kind: string, least: number, most: number) => number {
  return (kind, least, most) => least + (most - least) * uniform(randomKey(seed, kind, step), index);
}
