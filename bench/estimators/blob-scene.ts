import { quantise, type Shares } from '../../src/model/estimators/quantise.ts';
import { randomKey, uniforms } from '../../src/random.ts';

/**
 * A scene as a model sees it: attention on a grid of 32 × 32 with eight blobs, and a feature of 16 numbers and length 1 for
 * every cell. Attention is (ε + Σ blobs)^s with s such that its entropy is as asked for: flat, medium or sharp.
 *
 * Features are `smooth` (each blob and the ground between have a direction of their own, mixed by distance, with noise of
 * 0.3 of their length: neighbours look alike, as pixels do) or `rough` (a random direction for every cell).
 */
export type BlobScene = {
  readonly shares: Shares;
  readonly attention: Float64Array;
  readonly features: readonly Float64Array[];
};
export type Sharpness = keyof typeof ENTROPY;
export type Texture = 'smooth' | 'rough';

export const SIDE = 32;
export const WIDTH = 16;
/** In nats; that of an even map is 6.93. */
export const ENTROPY = { flat: 6.86, medium: 3.73, sharp: 3.12 } as const;
const GROUND = 0.003;
const NOISE = 0.3;

export function blobScene(seed: number, { sharpness, texture }: { sharpness: Sharpness; texture: Texture }): BlobScene {
  const random = normals(seed);
  const next = uniforms(randomKey('blobs', seed));
  const between = (low: number, high: number) => low + (high - low) * next.next().value;
  const blobs = Array.from({ length: 8 }, () => {
    const [x, y, radius] = [between(2, SIDE - 2), between(2, SIDE - 2), between(1, 2.5)];
    return { x, y, radius, direction: unit(random) };
  });
  const nearness = (cell: number, widen: number) =>
    blobs.map(({ x, y, radius }) => {
      const [dx, dy] = [(cell % SIDE) - x, Math.floor(cell / SIDE) - y];
      return Math.exp(-(dx * dx + dy * dy) / (2 * (radius * widen) ** 2));
    });
  const cells = Array.from({ length: SIDE * SIDE }, (_, cell) => cell);
  const salience = Float64Array.from(cells, (cell) => GROUND + nearness(cell, 1).reduce((sum, near) => sum + near, 0));
  const ground = unit(random);
  const features = cells.map((cell) => {
    const noise = unit(random);
    if (texture === 'rough') return noise;
    const near = nearness(cell, 2);
    const mixed = ground.map(
      (g, d) => 0.3 * g + blobs.reduce((sum, { direction }, b) => sum + near[b]! * direction[d]!, 0),
    );
    return scaled(scaled(mixed).map((f, d) => f + NOISE * noise[d]!));
  });
  const shares = quantise({
    values: Float32Array.from(sharpened(salience, ENTROPY[sharpness])),
    width: SIDE,
    height: SIDE,
  });
  return { shares, attention: shares.units.map((share) => share / shares.total), features };
}

/** Weights to the power that brings their entropy to the one asked for, by bisection; they sum to 1. */
function sharpened(weights: Float64Array, entropy: number): Float64Array {
  let [low, high] = [0, 20];
  for (let step = 0; step < 26; step += 1) {
    const middle = (low + high) / 2;
    if (entropyOf(toPower(weights, middle)) > entropy) low = middle;
    else high = middle;
  }
  return toPower(weights, low);
}

function toPower(weights: Float64Array, power: number): Float64Array {
  const raised = weights.map((weight) => weight ** power);
  const sum = raised.reduce((total, weight) => total + weight, 0);
  return raised.map((weight) => weight / sum);
}

function entropyOf(shares: Float64Array): number {
  return -shares.reduce((sum, a) => sum + a * Math.log(a), 0);
}

/** Standard normal numbers (Box–Muller). */
function* normals(seed: number): Generator<number, never> {
  const next = uniforms(randomKey('normals', seed));
  for (;;) {
    const radius = Math.sqrt(-2 * Math.log(next.next().value));
    const angle = 2 * Math.PI * next.next().value;
    yield radius * Math.cos(angle);
    yield radius * Math.sin(angle);
  }
}

/** A random direction. */
function unit(random: Generator<number, never>): Float64Array {
  return scaled(Float64Array.from({ length: WIDTH }, () => random.next().value));
}

function scaled(vector: Float64Array): Float64Array {
  const length = Math.hypot(...vector);
  return vector.map((x) => x / length);
}
