import { lots } from '../lots.ts';
import { NOISE_PATTERNS } from './noise-patterns.ts';
import { DIGIT_SIZE, type Split } from './read-digits.ts';

/** What lies where in a scene: `x` and `y` are of the top left pixel. */
export type ScenePlan = {
  /** The class of three of its digits. */
  readonly class: number;
  /** Those of the scene's class, then those of others; no two overlap. */
  readonly digits: readonly {
    readonly digit: number;
    readonly label: number;
    readonly x: number;
    readonly y: number;
  }[];
  readonly noise: readonly { readonly pattern: number; readonly x: number; readonly y: number }[];
};

export type PlanSettings = {
  readonly seed: number;
  readonly split: Split;
  /** Side of the scene in pixels. */
  readonly size: number;
  /** Noise marks in a scene. */
  readonly noise: number;
} & Partial<DigitCounts>;

/** How many digits a scene has: fewer than the paper's for the first lessons of a curriculum. */
export type DigitCounts = {
  /** Of the scene's class, at least one. */
  readonly own: number;
  /** Of other classes. */
  readonly others: number;
};

/** Those of the paper, and the most there may be. */
export const PAPER_DIGITS: DigitCounts = { own: 3, others: 2 };

/** Side of a scene in pixels. */
export const MOST_SIZE = 32_768;

/** Marks in a scene. */
export const MOST_NOISE = 100_000;

/** From here on that many digits always find room: each blocks at most 55² of the places for the last. */
export function leastSize({ own, others }: DigitCounts): number {
  const blocked = (own + others - 1) * (2 * DIGIT_SIZE - 1) ** 2;
  return Math.max(DIGIT_SIZE + Math.floor(Math.sqrt(blocked)), 2 * DIGIT_SIZE + 1); // noise keeps a digit's side away from borders
}

/**
 * Draws a scene by lot, as the paper's own code does (§4.2). The same settings and index give the same scene, in any
 * order; another number of noise marks leaves its digits as they are, and fewer digits are the first of them.
 * @param byClass indices of the digits of each class
 */
export function planScene(byClass: readonly (readonly number[])[], index: number, settings: PlanSettings): ScenePlan {
  const { seed, split, size } = settings;
  const wanted = { ...PAPER_DIGITS, ...settings };
  const sceneClass = classOfScene(index, settings);
  const draw = lots('megapixel-mnist', seed, split, size, index);
  const own = Array.from({ length: PAPER_DIGITS.own }, () => ({
    digit: draw.pick(byClass[sceneClass] as number[]), // one of the classes
    label: sceneClass,
  }));
  const others = Array.from({ length: PAPER_DIGITS.others }, () => drawOther(byClass, sceneClass, draw));
  const digits: ScenePlan['digits'][number][] = [];
  for (const one of [...own.slice(0, wanted.own), ...others.slice(0, wanted.others)])
    digits.push({ ...one, ...freePlace(digits, size, draw) });
  return { class: sceneClass, digits, noise: drawNoise(index, settings) };
}

/** A scene's class without its plan: 0 to 9, all as likely. */
export function classOfScene(
  index: number,
  { seed, split, size }: Pick<PlanSettings, 'seed' | 'split' | 'size'>,
): number {
  return lots('megapixel-mnist class', seed, split, size, index).whole(0, 9);
}

type Draw = ReturnType<typeof lots>;

/** Any digit of another class, every one as likely as the next. */
function drawOther(byClass: readonly (readonly number[])[], sceneClass: number, draw: Draw) {
  const rivals = byClass.map((digits, label) => ({ digits, label })).filter(({ label }) => label !== sceneClass);
  let nth = draw.whole(0, rivals.reduce((sum, { digits }) => sum + digits.length, 0) - 1);
  for (const { digits, label } of rivals) {
    const digit = digits[nth];
    if (digit !== undefined) return { digit, label };
    nth -= digits.length;
  }
  throw new RangeError('there are digits of one class only');
}

/** Drawn anew until it touches no other digit; noise is not looked at. */
function freePlace(taken: readonly { x: number; y: number }[], size: number, draw: Draw): { x: number; y: number } {
  for (;;) {
    const [y, x] = [Math.round(draw.between(0, size - DIGIT_SIZE)), Math.round(draw.between(0, size - DIGIT_SIZE))];
    const near = (a: number, b: number) => Math.abs(a - b) < DIGIT_SIZE;
    if (!taken.some((other) => near(x, other.x) && near(y, other.y))) return { x, y };
  }
}

/** A digit's side away from every border, and on top of whatever is there. */
function drawNoise(index: number, { seed, split, size, noise }: PlanSettings): ScenePlan['noise'] {
  const draw = lots('megapixel-mnist noise', seed, split, size, index);
  return Array.from({ length: noise }, () => ({
    y: Math.floor(draw.between(DIGIT_SIZE, size - DIGIT_SIZE)),
    x: Math.floor(draw.between(DIGIT_SIZE, size - DIGIT_SIZE)),
    pattern: draw.whole(0, NOISE_PATTERNS - 1),
  }));
}
