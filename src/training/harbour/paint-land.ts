import type { Canvas } from './canvas.ts';
import { fraction, hash } from './noise.ts';
import type { Colour } from './scene.ts';

/** Width of the beach in pixels, and from which value of its noise land is built up, or wooded. */
const BEACH = 9;
const TOWN_FROM = 0.12;
const WOODS_BELOW = -0.18;

const SAND: Colour = [172, 158, 128];
const WOOD: Colour = [54, 72, 46];
const HEDGE: Colour = [60, 76, 48];
const ROAD: Colour = [120, 118, 114];
const YARD: Colour = [98, 106, 82];
const CROPS: readonly Colour[] = [
  [104, 118, 66],
  [126, 126, 78],
  [88, 106, 60],
  [142, 130, 92],
  [114, 100, 72],
  [96, 124, 74],
];
const ROOFS: readonly Colour[] = [
  [142, 104, 88],
  [130, 124, 118],
  [152, 146, 136],
  [112, 110, 112],
  [134, 114, 96],
];

/** What land paints with; rows run by pixel. */
export type LandRow = {
  readonly noise: number;
  /** Direction of boundaries and streets, in radians. */
  readonly grain: number;
  /** Off the coast; the row is painted where it is not positive. */
  readonly distance: Float32Array;
  /** Slow noise in [-1, 1] that says what the land is used for. */
  readonly use: Float32Array;
};

/** One row of land: a beach, and behind it fields, woods and towns. */
export function paintLand(canvas: Canvas, row: number, { noise, grain, distance, use }: LandRow): void {
  const y = canvas.y + row;
  const [sin, cos] = [Math.sin(grain), Math.cos(grain)];
  for (let i = 0, at = row * canvas.width * 3; i < canvas.width; i += 1, at += 3) {
    const off = distance[i] as number;
    if (off > 0) continue;
    const x = canvas.x + i;
    const bits = hash(x, y, noise);
    const ragged = fraction(bits) - 0.5;
    const kind = (use[i] as number) + ragged * 0.04;
    const [along, across] = [x * cos + y * sin, y * cos - x * sin];
    const colour =
      off > -BEACH + ragged * 4
        ? SAND
        : kind > TOWN_FROM
          ? town(along, across, noise)
          : kind < WOODS_BELOW
            ? WOOD
            : field(along, across, noise);
    const height = colour === WOOD ? (fraction(hash(x >> 1, y >> 1, noise + 1)) - 0.5) * 34 : 0;
    const tone = height + (fraction(bits, 1) - 0.5) * 12;
    canvas.pixels[at] = colour[0] + tone;
    canvas.pixels[at + 1] = colour[1] + tone;
    canvas.pixels[at + 2] = colour[2] + tone;
  }
}

const FIELD_LENGTH = 130;
const FIELD_WIDTH = 84;

/** Strips of fields, those of one strip shifted against those of the next, hedges between them. */
function field(along: number, across: number, noise: number): Colour {
  const strip = Math.floor(across / FIELD_WIDTH);
  const shifted = along + fraction(hash(strip, 0, noise + 2)) * FIELD_LENGTH;
  const plot = Math.floor(shifted / FIELD_LENGTH);
  const edge = Math.min(across - strip * FIELD_WIDTH, shifted - plot * FIELD_LENGTH);
  return edge < 2.5 ? HEDGE : (CROPS[hash(plot, strip, noise + 3) % CROPS.length] as Colour);
}

const STREETS = 52;
const LOT_LENGTH = 13;
const LOT_WIDTH = 12;

/** Blocks between streets, lots in a block, a house with a yard on most lots. */
function town(along: number, across: number, noise: number): Colour {
  const [u, v] = [modulo(along, STREETS), modulo(across, STREETS)];
  if (u < 4 || v < 4) return ROAD;
  const [lotX, lotY] = [Math.floor(along / LOT_LENGTH), Math.floor(across / LOT_WIDTH)];
  const bits = hash(lotX, lotY, noise + 4);
  const margin = 1.5 + 2 * fraction(bits);
  const inside = Math.min(along - lotX * LOT_LENGTH, across - lotY * LOT_WIDTH);
  return inside < margin || bits % 7 === 0 ? YARD : (ROOFS[bits % ROOFS.length] as Colour);
}

function modulo(value: number, period: number): number {
  return value - Math.floor(value / period) * period;
}
