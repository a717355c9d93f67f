import type { Window } from '../../scene.ts';
import { boxOf } from './block.ts';
import { type Canvas, touches } from './canvas.ts';
import { seawardDistance } from './coast.ts';
import { type Field, field } from './field.ts';
import { roughNoise, smoothStep } from './noise.ts';
import { paintCraft, paintWake, wakeOf } from './paint-craft.ts';
import { paintHull } from './paint-hull.ts';
import { paintLand } from './paint-land.ts';
import { paintQuay } from './paint-quay.ts';
import { paintSea } from './paint-sea.ts';
import type { Block, HarbourScene } from './scene.ts';

/** Wavelengths of slow noise, in pixels. */
const SWELL = 190;
const LAND_USE = 420;

/** How much of the way from clear to full shadow noise takes. */
const SHADOW_EDGE = 0.18;

/**
 * Paints any window of a scene, the same whichever window it is part of.
 * @returns a function from a window to its RGB, interleaved by pixel
 */
export function sceneRenderer(scene: HarbourScene): (window: Window) => Uint8ClampedArray {
  const { noise, clouds } = scene;
  const distanceAt = seawardDistance(scene.coast, noise);
  const layers = layersOf(scene);
  return (window) => {
    const canvas = { ...window, pixels: new Uint8ClampedArray(window.width * window.height * 3) };
    paintGround(canvas, scene, field(window, distanceAt));
    for (const { box, paint } of layers) if (touches(window, box)) paint(canvas);
    const shadow = (x: number, y: number) =>
      smoothStep(clouds.threshold, clouds.threshold + SHADOW_EDGE, slow(x, y, clouds.wavelength, noise + 30));
    paintShadows(canvas, field(window, shadow), clouds.depth);
    return canvas.pixels;
  };
}

function slow(x: number, y: number, wavelength: number, seed: number): number {
  return roughNoise(x / wavelength, y / wavelength, seed);
}

type Layer = { readonly box: ReturnType<typeof boxOf>; paint(canvas: Canvas): void };

/** What lies on the ground, from the lowest to the highest. */
function layersOf({ noise, quays, crafts, hulls }: HarbourScene): Layer[] {
  const layer = (block: Block, paint: Layer['paint']) => ({ box: boxOf(block, 1), paint });
  return [
    ...quays.map((quay) => layer(quay, (canvas) => paintQuay(canvas, quay, noise + 40))),
    ...[...crafts, ...hulls].map((afloat) => layer(wakeOf(afloat), (canvas) => paintWake(canvas, afloat, noise + 41))),
    ...crafts.map((craft) => layer(craft, (canvas) => paintCraft(canvas, craft))),
    ...hulls.map((hull) => layer(hull, (canvas) => paintHull(canvas, hull, noise + 42))),
  ];
}

function paintGround(canvas: Canvas, { noise, sea, coast }: HarbourScene, off: Field): void {
  const { width, height } = canvas;
  const [distance, swell, use] = [new Float32Array(width), new Float32Array(width), new Float32Array(width)];
  const swells = field(canvas, (x, y) => slow(x, y, SWELL, noise + 10));
  const uses = field(canvas, (x, y) => slow(x, y, LAND_USE, noise + 20));
  for (let row = 0; row < height; row += 1) {
    off.row(row, distance);
    swells.row(row, swell);
    if (off.most > 0) paintSea(canvas, row, { sea, noise, distance, swell });
    if (off.least > 0) continue;
    uses.row(row, use);
    paintLand(canvas, row, { noise, grain: coast.grain, distance, use });
  }
}

function paintShadows({ pixels, width, height }: Canvas, shadows: Field, depth: number): void {
  if (shadows.most <= 0) return;
  const shadow = new Float32Array(width);
  for (let row = 0; row < height; row += 1) {
    shadows.row(row, shadow);
    for (let i = 0, at = row * width * 3; i < width; i += 1, at += 3) {
      const light = 1 - (shadow[i] as number) * depth;
      if (light === 1) continue;
      pixels[at] = (pixels[at] as number) * light;
      pixels[at + 1] = (pixels[at + 1] as number) * light;
      pixels[at + 2] = (pixels[at + 2] as number) * light;
    }
  }
}
