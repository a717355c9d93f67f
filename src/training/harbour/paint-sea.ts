import type { Canvas } from './canvas.ts';
import { fraction, hash } from './noise.ts';
import type { Sea } from './scene.ts';

/** One period of a sine; phases are 32-bit integers that wrap around, so every pixel's phase is exact. */
const TABLE_BITS = 11;
const sine = Float32Array.from({ length: 2 ** TABLE_BITS }, (_, i) => Math.sin((i / 2 ** TABLE_BITS) * 2 * Math.PI));
const TABLE_SHIFT = 32 - TABLE_BITS;

/** How far the shallows reach, in pixels off the coast. */
const SHALLOWS = 70;
const FOAM_WIDTH = 1.5;
const NOISE_HEIGHT = 7;
const SWELL_HEIGHT = 6;

/**
 * One row of open water: trains of waves bent by a slow field, patches of lighter and darker water, noise; paler
 * towards the coast.
 * @param distance off the coast, by pixel; the row is painted where it is positive
 * @param swell slow noise in [-1, 1] by pixel
 */
export function paintSea(
  canvas: Canvas,
  row: number,
  { sea, noise, distance, swell }: { sea: Sea; noise: number; distance: Float32Array; swell: Float32Array },
): void {
  const { pixels, x: left, width } = canvas;
  const y = canvas.y + row;
  const [a, b, c] = sea.waves as [Sea['waves'][number], Sea['waves'][number], Sea['waves'][number]];
  const start = (wave: typeof a) => (Math.imul(left, wave.x) + Math.imul(y, wave.y) + wave.phase) | 0;
  let [phaseA, phaseB, phaseC] = [start(a), start(b), start(c)];
  const [red, green, blue] = sea.colour;
  const [paleRed, paleGreen, paleBlue] = sea.shallows;
  for (let i = 0, at = row * width * 3; i < width; i += 1, at += 3) {
    phaseA = (phaseA + a.x) | 0;
    phaseB = (phaseB + b.x) | 0;
    phaseC = (phaseC + c.x) | 0;
    const off = distance[i] as number;
    if (off <= 0) continue;
    const slow = swell[i] as number;
    const bend = (slow * 0x60000000) | 0;
    const height =
      a.height * (sine[(phaseA + bend) >>> TABLE_SHIFT] as number) +
      b.height * (sine[(phaseB - bend) >>> TABLE_SHIFT] as number) +
      c.height * (sine[(phaseC + (bend << 1)) >>> TABLE_SHIFT] as number);
    const bits = hash(left + i, y, noise);
    const grain = (fraction(bits) + fraction(bits, 1) - 1) * NOISE_HEIGHT;
    const near = off < SHALLOWS ? 1 - off / SHALLOWS : 0;
    const pale = near * near;
    const tone = height + grain + slow * SWELL_HEIGHT + (off < FOAM_WIDTH ? 40 : 0);
    pixels[at] = red + (paleRed - red) * pale + tone;
    pixels[at + 1] = green + (paleGreen - green) * pale + tone;
    pixels[at + 2] = blue + (paleBlue - blue) * pale + tone;
  }
}
