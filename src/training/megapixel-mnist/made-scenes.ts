import { z } from 'zod';
import { describeIssue } from '../../describe-issue.ts';
import { SceneError, UsageError } from '../../errors.ts';
import type { LabelledScene } from '../labels.ts';
import type { Shown } from '../made-scenes.ts';
import { MOST_SCENES } from '../make-scenes.ts';
import type { StoredScene } from '../scene-store.ts';
import { digitsByClass, type MegapixelMnistSettings, megapixelMnist, orders } from './megapixel-mnist.ts';
import {
  classOfScene,
  leastSize,
  MOST_NOISE,
  MOST_SIZE,
  PAPER_DIGITS,
  planScene,
  type ScenePlan,
} from './plan-scene.ts';
import { DIGIT_SIZE, type Digits, readDigits, type Split, splits } from './read-digits.ts';

/**
 * Megapixel MNIST without files: where a data set's folder is named, `megapixel-mnist?scenes=80000&size=448&noise=8` may
 * stand. Its scenes are made as they are asked for, the same ones as `saccade dataset megapixel-mnist` writes for the same
 * settings; with as many scenes as training takes, each is seen once.
 */
const count = z.coerce.number().int();
const settingsSchema = z
  .strictObject({
    scenes: count.min(1).max(MOST_SCENES),
    size: count.max(MOST_SIZE).default(1500),
    noise: count.min(0).max(MOST_NOISE).default(50),
    own: count.min(1).max(PAPER_DIGITS.own).default(PAPER_DIGITS.own),
    others: count.min(0).max(PAPER_DIGITS.others).default(PAPER_DIGITS.others),
    seed: count.min(0).default(1),
    split: z.enum(splits).default('train'),
    order: z.enum(orders).default('reference'),
  })
  .superRefine((settings, context) => {
    const least = leastSize(settings);
    if (settings.size >= least) return;
    const message = `${settings.own + settings.others} digits want ${least} pixels at least`;
    context.addIssue({ code: 'custom', path: ['size'], message });
  });

const MADE = /^megapixel-mnist\?([^#]*)(?:#(\d+))?$/;

/** Whether a data set, or the path of a scene, is one that is made. */
export function isMade(reference: string): boolean {
  return MADE.test(reference);
}

/** @throws {UsageError} when the settings make no sense, or there are no digits */
export async function labelMade(reference: string): Promise<LabelledScene[]> {
  const { scenes, ...settings } = parseSettings(reference);
  const byClass = digitsByClass(await digitsOf(settings.split));
  return Array.from({ length: scenes }, (_, index) => ({
    id: `megapixel-mnist-${settings.seed}-${index}`,
    path: `${reference}#${index}`,
    class: String(classOfScene(index, settings)),
    // Only looked at to judge a model, and dear for all scenes at once.
    get boxes() {
      return boxesOf(planScene(byClass, index, settings));
    },
  }));
}

/**
 * The scene of a path that `labelMade` gave, as a model is shown it.
 * @throws {SceneError} `scene.unsuitable`
 */
export async function makeScene(path: string, { overview, patch }: Shown, signal: AbortSignal): Promise<StoredScene> {
  const { scenes: _scenes, ...settings } = parseSettings(path);
  if (settings.size < patch.size)
    throw new SceneError(
      'scene.unsuitable',
      `the scene is smaller than a patch: ${settings.size} of ${patch.size} pixels`,
    );
  const view = overview.resampling === 'stored' ? 'reference' : { scale: overview.scale };
  const sceneOf = await maker({ ...settings, overview: view });
  const scene = sceneOf(Number(MADE.exec(path)?.[2]));
  return { ...scene, overview: await scene.overview(signal) };
}

function parseSettings(reference: string): z.infer<typeof settingsSchema> {
  const [, query] = MADE.exec(reference) ?? [];
  const { data, error } = settingsSchema.safeParse(Object.fromEntries(new URLSearchParams(query)));
  if (data) return data;
  throw new UsageError(error.issues.map((issue) => `${reference}: ${describeIssue(issue)}`));
}

const known = new Map<string, Promise<unknown>>();

/** Kept by what it is made of: the digits of a half, a data set's noise. */
function once<T>(key: unknown, make: () => Promise<T>): Promise<T> {
  const name = JSON.stringify(key);
  const kept = (known.get(name) as Promise<T> | undefined) ?? make(); // of one kind for one key
  known.set(name, kept);
  kept.catch(() => known.delete(name));
  return kept;
}

function digitsOf(split: Split): Promise<Digits> {
  return once({ split }, () => readDigits(split));
}

function maker(settings: MegapixelMnistSettings) {
  return once(settings, async () => megapixelMnist(await digitsOf(settings.split), settings));
}

function boxesOf({ class: own, digits }: ScenePlan) {
  const wanted = digits.filter(({ label }) => label === own);
  return wanted.map(({ x, y }) => ({ x, y, width: DIGIT_SIZE, height: DIGIT_SIZE }));
}
