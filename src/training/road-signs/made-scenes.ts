import { z } from 'zod';
import { describeIssue } from '../../describe-issue.ts';
import { SceneError, UsageError } from '../../errors.ts';
import type { Raster } from '../../scene.ts';
import { RecentMap } from '../../sources/bytes/recent-map.ts';
import { openImage } from '../../sources/open-image.ts';
import { averageDown } from '../../sources/rasters/average-down.ts';
import { cropRaster } from '../../sources/rasters/crop-raster.ts';
import type { LabelledScene } from '../labels.ts';
import type { Shown } from '../made-scenes.ts';
import { MOST_SCENES } from '../make-scenes.ts';
import type { StoredScene } from '../scene-store.ts';
import { paintScene } from './paint-scene.ts';
import {
  classOfScene,
  LEAST_SIDE,
  MOST_SIDE,
  MOST_SIGNS,
  type PlannedSign,
  photographOfScene,
  planScene,
} from './plan-scene.ts';

/**
 * Road scenes to begin with: parts of photographs without speed signs, into which speed signs are drawn. Where a data
 * set's folder is named, `road-signs?scenes=20000&width=320&height=240&photographs=data/gtsdb&part=rest=0/5` may stand;
 * scenes are made as they are asked for. Photographs are those that `part` selects and that are labelled `none`, so
 * that nothing of a fold that is held out is seen.
 */
const count = z.coerce.number().int();
const settingsSchema = z.strictObject({
  scenes: count.min(1).max(MOST_SCENES),
  width: count.min(LEAST_SIDE).max(MOST_SIDE),
  height: count.min(LEAST_SIDE).max(MOST_SIDE),
  seed: count.min(0).default(1),
  signs: count.min(1).max(MOST_SIGNS).default(1),
  others: count.min(0).max(MOST_SIGNS).default(2),
  least: z.coerce.number().min(8).default(16),
  most: z.coerce.number().min(8).default(110),
  photographs: z.string().min(1),
  part: z.string().optional(),
});

const MADE = /^road-signs\?([^#]*)(?:#(\d+)@(.*))?$/;

/** Whether a data set, or the path of a scene, is one that is made so. */
export function isMade(reference: string): boolean {
  return MADE.test(reference);
}

/** `readLabels` of labels.ts, which knows of this file. */
export type ReadLabels = (dataset: string) => Promise<readonly LabelledScene[]>;

/**
 * @param readLabels of the photographs' folder
 * @throws {UsageError} when the settings make no sense, or there are no photographs
 */
export async function labelMade(reference: string, readLabels: ReadLabels): Promise<LabelledScene[]> {
  const { photographs, part, ...settings } = parseSettings(reference);
  const all = await readLabels(part === undefined ? photographs : `${photographs}#${part}`);
  const bare = all.filter((scene) => scene.class === 'none');
  if (bare.length === 0) throw new UsageError([`${reference}: no photograph is labelled none`]);
  return Array.from({ length: settings.scenes }, (_, index) => ({
    id: `road-signs-${settings.seed}-${index}`,
    get path() {
      const photograph = photographOfScene(index, settings) % bare.length;
      return `${reference}#${index}@${(bare[photograph] as LabelledScene).path}`;
    },
    class: classOfScene(index, settings),
    get boxes() {
      const plan = planScene(index, settings);
      return plan.signs.filter(({ shape }) => shape === plan.class).map(boxOf);
    },
  }));
}

/**
 * The scene of a path that `labelMade` gave, as a model is shown it.
 * @throws {SceneError} `scene.unsuitable`, and what reading the photograph throws
 */
export async function makeScene(path: string, { overview, patch }: Shown, signal: AbortSignal): Promise<StoredScene> {
  const scene = await paint(path, signal);
  const { width, height } = scene;
  if (Math.min(width, height) < patch.size)
    throw new SceneError(
      'scene.unsuitable',
      `the scene is smaller than a patch: ${width} × ${height} of ${patch.size} pixels`,
    );
  return {
    overview: await averageDown(scene, overview.scale, signal),
    width,
    height,
    patches: async (windows) => windows.map((window) => cropRaster(scene, window)),
  };
}

/** @param path as `labelMade` gave it */
export async function paint(path: string, signal: AbortSignal): Promise<Raster> {
  const [, , index, photograph = ''] = MADE.exec(path) ?? [];
  const settings = parseSettings(path);
  return paintScene(await readPhotograph(photograph, signal), planScene(Number(index), settings), settings);
}

function parseSettings(reference: string): z.infer<typeof settingsSchema> {
  const [, query] = MADE.exec(reference) ?? [];
  const { data, error } = settingsSchema.safeParse(Object.fromEntries(new URLSearchParams(query)));
  if (data) return data;
  throw new UsageError(error.issues.map((issue) => `${reference}: ${describeIssue(issue)}`));
}

function boxOf({ x, y, size, squeeze }: PlannedSign) {
  return { x: x - (size * squeeze) / 2, y: y - size / 2, width: size * squeeze, height: size };
}

/** Kept decoded: a few hundred of three megabytes, each of which is asked for hundreds of times. */
const DECODED_BYTES = 2e9;
const decoded = new RecentMap<Raster>(DECODED_BYTES);

async function readPhotograph(path: string, signal: AbortSignal): Promise<Raster> {
  const photograph = decoded.get(path) ?? (await decode(path, signal));
  decoded.set(path, photograph, photograph.data.byteLength);
  return photograph;
}

async function decode(path: string, signal: AbortSignal): Promise<Raster> {
  const { levels, read } = await openImage(path, signal);
  const { width, height } = levels[0] as (typeof levels)[number]; // a picture has one
  const [whole] = await read(0, [{ x: 0, y: 0, width, height }], signal);
  return whole as Raster; // one window, one raster
}
