import type { Raster, Window } from '../../scene.ts';
import { averageDown } from '../../sources/rasters/average-down.ts';
import type { StoredScene } from '../scene-store.ts';
import { type Glyph, paintGlyphs } from './glyphs.ts';
import { noisePatterns } from './noise-patterns.ts';
import { type PlanSettings, planScene, type ScenePlan } from './plan-scene.ts';
import { DIGIT_SIZE, type Digits } from './read-digits.ts';
import { shrinkGlyph } from './shrink-glyph.ts';

/**
 * Megapixel MNIST (Katharopoulos & Fleuret 2019, §4.2): a black scene with five digits, three of one class, which is the
 * scene's, and noise marks of two lines each. Scenes are made where they are asked for, without files: any index, in any
 * order, on any thread, so training can be shown scenes that it has never seen, in every step.
 */
export type MegapixelMnistSettings = PlanSettings & {
  /** `reference`: noise is drawn last and hides digits, as in the paper's code; `visible`: digits lie on top. */
  readonly order: Order;
  /** Averages of `scale`² pixels, as Saccade reads scenes; or the low view of the paper's code, 0.12 times as large. */
  readonly overview: { readonly scale: number } | 'reference';
};

export const orders = ['reference', 'visible'] as const;
export type Order = (typeof orders)[number];

export type MegapixelMnistScene = Omit<StoredScene, 'overview'> & {
  /** That of three of its digits, in words: '0' to '9'. */
  readonly class: string;
  readonly plan: ScenePlan;
  /** Pixels of a window at full resolution. */
  paint(window: Window): Uint8Array<ArrayBuffer>;
  overview(signal: AbortSignal): Promise<Raster>;
};

/** The low view of the paper's code is so many times as wide as the scene. */
const REFERENCE_SCALE = 0.12;

/** @returns the scene of an index */
export function megapixelMnist(
  digits: Digits,
  settings: MegapixelMnistSettings,
): (index: number) => MegapixelMnistScene {
  const { seed, split, size: side, order, overview } = settings;
  const byClass = digitsByClass(digits);
  const patterns = noisePatterns(seed, split);
  return (index) => {
    const plan = planScene(byClass, index, settings);
    const written = plan.digits.map(({ digit, x, y }) => glyph(x, y, digitPixels(digits, digit)));
    const noise = plan.noise.map(({ pattern, x, y }) => glyph(x, y, patterns[pattern] as Uint8Array));
    const glyphs = order === 'reference' ? [...written, ...noise] : [...noise, ...written];
    const paint = (window: Window) => paintGlyphs(glyphs, window);
    return {
      class: String(plan.class),
      plan,
      paint,
      width: side,
      height: side,
      overview: async (signal) =>
        overview === 'reference' ? lowView(glyphs, side) : averages(glyphs, { side, scale: overview.scale, signal }),
      patches: async (windows) =>
        windows.map(({ width, height, ...at }) => grey(paint({ ...at, width, height }), width)),
    };
  };
}

export function digitsByClass({ labels }: Digits): number[][] {
  const byClass = Array.from({ length: 10 }, (): number[] => []);
  for (const [digit, label] of labels.entries()) byClass[label]?.push(digit);
  return byClass;
}

function digitPixels({ pixels }: Digits, digit: number): Uint8Array {
  return pixels.subarray(digit * DIGIT_SIZE ** 2, (digit + 1) * DIGIT_SIZE ** 2);
}

function glyph(x: number, y: number, pixels: Uint8Array): Glyph {
  return { x, y, size: DIGIT_SIZE, pixels };
}

/** What `averageDown` makes of the whole scene; but only the squares under glyphs are painted, the rest is black. */
async function averages(
  glyphs: readonly Glyph[],
  { side, scale, signal }: { readonly side: number; readonly scale: number; readonly signal: AbortSignal },
): Promise<Raster> {
  const width = Math.ceil(side / scale);
  const data = new Uint8Array(width * width);
  const span = (from: number) => {
    const first = Math.floor(from / scale);
    const start = first * scale;
    return { first, start, length: Math.min(Math.ceil((from + DIGIT_SIZE) / scale) * scale, side) - start };
  };
  for (const { x, y } of glyphs) {
    const [columns, rows] = [span(x), span(y)];
    const window = { x: columns.start, y: rows.start, width: columns.length, height: rows.length };
    const square = await averageDown(grey(paintGlyphs(glyphs, window), window.width), scale, signal);
    for (let row = 0; row < square.height; row += 1) {
      const averaged = square.data.subarray(row * square.width, (row + 1) * square.width);
      data.set(averaged, (rows.first + row) * width + columns.first);
    }
  }
  return grey(data, width);
}

/** Each glyph made smaller by itself, and put down where its corner comes to lie. */
function lowView(glyphs: readonly Glyph[], side: number): Raster {
  const width = Math.floor(side * REFERENCE_SCALE);
  const size = Math.round(DIGIT_SIZE * REFERENCE_SCALE);
  const low = glyphs.map(({ x, y, pixels }) => ({
    x: Math.floor(x * REFERENCE_SCALE),
    y: Math.floor(y * REFERENCE_SCALE),
    size,
    pixels: shrinkGlyph(pixels, DIGIT_SIZE, size),
  }));
  return grey(paintGlyphs(low, { x: 0, y: 0, width, height: width }), width);
}

function grey(data: Uint8Array<ArrayBuffer>, width: number): Raster {
  return { data, width, height: data.length / width, bands: 1 };
}
