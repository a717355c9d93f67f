import { lots } from '../lots.ts';
import { DIGIT_SIZE, type Split } from './read-digits.ts';

/** How many patterns a data set has; every noise mark in it is one of them. */
export const NOISE_PATTERNS = 50;

const MIRRORED = 0.33;
const SAMPLES = 56;
const REACH = DIGIT_SIZE - 0.51;

/**
 * The noise of a data set, as the paper's own code makes it: each pattern is two straight lines from a corner, the
 * second of them another pattern's first line, mirrored or not, in greys of 80 to 100 %.
 * @returns 28² bytes a pattern, row by row
 */
export function noisePatterns(seed: number, split: Split): Uint8Array[] {
  const draw = lots('megapixel-mnist patterns', seed, split);
  const lines = Array.from({ length: NOISE_PATTERNS }, () => line(Math.tan(draw.between(0, Math.PI / 2.5))));
  const seconds = draw.shuffle(lines);
  return lines.map((first, i) => {
    // The reference mirrors twice, each time with this chance and left to right.
    const [once, again] = [draw.chance(MIRRORED), draw.chance(MIRRORED)];
    const mirrored = once !== again;
    const second = seconds[i] as Uint8Array;
    return first.map((inked, at) => {
      const other = second[mirrored ? at - (at % DIGIT_SIZE) + DIGIT_SIZE - 1 - (at % DIGIT_SIZE) : at];
      return inked || other ? Math.floor(255 * draw.between(0.8, 1)) : 0;
    });
  });
}

/** From the top left corner to a border: `slope` columns for each row. */
function line(slope: number): Uint8Array {
  const pixels = new Uint8Array(DIGIT_SIZE * DIGIT_SIZE);
  const end = Math.min(REACH, REACH / slope);
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const row = (end * sample) / (SAMPLES - 1);
    pixels[Math.round(row) * DIGIT_SIZE + Math.round(row * slope)] = 1;
  }
  return pixels;
}
