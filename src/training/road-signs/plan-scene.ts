import { type Lots, lots } from '../lots.ts';
import { limits, type Mounting, mountings, others, type SignShape } from './sign-shapes.ts';

/** A part of a photograph, and which signs hang where in it, in which light. */
export type ScenePlan = {
  readonly class: string;
  /** A whole number to choose a photograph by, and where in it the scene lies: 0 to 1 of the room there is. */
  readonly photograph: number;
  readonly left: number;
  readonly top: number;
  readonly mirrored: boolean;
  /** JPEG quality that the scene is packed with once more. */
  readonly quality: number;
  /** The first ones are those of the scene's class; they are painted last. */
  readonly signs: readonly PlannedSign[];
};

export type PlannedSign = {
  readonly shape: SignShape;
  readonly mounting: Mounting;
  /** Its middle and its height, in pixels. */
  readonly x: number;
  readonly y: number;
  readonly size: number;
  /** How wide it is to its height, seen from aside. */
  readonly squeeze: number;
  /** Degrees. */
  readonly tilt: number;
  readonly skew: number;
  /** Standard deviation, in pixels. */
  readonly blur: number;
  readonly light: Light;
};

export type Light = {
  /** What becomes of white, per band: above 1 it is cut off, and red turns to orange. */
  readonly gain: readonly [number, number, number];
  /** Share of white in every colour. */
  readonly haze: number;
  /** Of the red paint: red, green and blue. */
  readonly red: readonly [number, number, number];
};

export type PlanSettings = {
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  /** Signs of its class in a scene that has one, and the most other ones in any scene. */
  readonly signs: number;
  readonly others: number;
  /** Pixels; all sizes between, the smaller ones more often. */
  readonly least: number;
  readonly most: number;
};

/** Of a scene, in pixels. */
export const LEAST_SIDE = 32;
export const MOST_SIDE = 32_768;

/** Of its class in a scene, and others: far more than find room. */
export const MOST_SIGNS = 1000;

const classes = ['none', ...Object.keys(limits)] as const;

/** The same settings and index give the same scene, in any order. */
export function planScene(index: number, settings: PlanSettings): ScenePlan {
  const { draw, shapes, ...begun } = beginPlan(index, settings);
  return {
    ...begun,
    left: draw.between(0, 1),
    top: draw.between(0, 1),
    mirrored: draw.chance(0.5),
    quality: draw.whole(60, 95),
    signs: hang(shapes, settings, draw),
  };
}

/** What a plan draws first. */
function beginPlan(index: number, settings: PlanSettings) {
  const { seed, signs } = settings;
  const sceneClass = classOfScene(index, settings);
  const draw = lots('road-signs', seed, index);
  const own = Array.from({ length: sceneClass === 'none' ? 0 : signs }, () => sceneClass as keyof typeof limits);
  const beside = Array.from(
    { length: draw.whole(0, settings.others) },
    () => draw.pick(Object.keys(others)) as SignShape,
  );
  return { class: sceneClass, photograph: draw.whole(0, 2 ** 31), shapes: [...own, ...beside], draw };
}

/** The `photograph` of a plan, without where the signs hang: quick for many thousand scenes. */
export function photographOfScene(index: number, settings: PlanSettings): number {
  return beginPlan(index, settings).photograph;
}

/** Without all else that a plan tells: quick for many thousand scenes. */
export function classOfScene(index: number, { seed }: Pick<PlanSettings, 'seed'>): string {
  return lots('road-signs-class', seed, index).pick(classes);
}

const TRIES = 20;

/** Signs that find no room beside the others are left out, but for the first. */
function hang(shapes: readonly SignShape[], settings: PlanSettings, draw: Lots): PlannedSign[] {
  const signs: PlannedSign[] = [];
  for (const shape of shapes) {
    const tries = Array.from({ length: TRIES }, () => planSign(shape, settings, draw));
    const free = tries.find((sign) => signs.every((other) => !touch(sign, other)));
    if (free) signs.push(free);
  }
  return signs;
}

function touch(a: PlannedSign, b: PlannedSign): boolean {
  return Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y)) < 0.6 * (a.size + b.size);
}

function planSign(shape: SignShape, { width, height, least, most }: PlanSettings, draw: Lots): PlannedSign {
  const size = least * (Math.min(most, width - 2, height - 2) / least) ** draw.between(0, 1);
  const mounting = draw.chance(0.5) ? 'pole' : (draw.pick(Object.keys(mountings)) as Mounting);
  return {
    shape,
    mounting,
    x: draw.between(size / 2, width - size / 2),
    y: draw.between(size / 2, height - size / 2),
    size,
    squeeze: draw.chance(0.5) ? 1 : draw.between(0.75, 1),
    tilt: draw.between(-6, 6),
    skew: draw.between(-5, 5),
    blur: draw.between(0.2, 0.9) + draw.between(0, 0.02) * size,
    light: planLight(draw),
  };
}

function planLight(draw: Lots): Light {
  const exposure = Math.exp(draw.between(Math.log(0.15), Math.log(1.7)));
  const band = () => exposure * draw.between(0.88, 1.12);
  return {
    gain: [band(), band(), band()],
    haze: draw.between(0.02, 0.2),
    red: [draw.between(0.5, 0.85), draw.between(0.06, 0.25), draw.between(0.06, 0.3)],
  };
}
