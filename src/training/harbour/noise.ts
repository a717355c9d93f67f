/**
 * Noise that depends on the position alone: any pixel of a scene can be painted on its own, in any order, and comes out
 * the same. 32-bit integer hashing (xor, multiply, shift; the finaliser of MurmurHash3).
 */

/** @returns 32 random bits of a lattice point */
export function hash(x: number, y: number, seed: number): number {
  let h = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ seed;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Uniform in [0, 1), from the `field`-th byte pair (0 or 1) of a hash. */
export function fraction(bits: number, field: 0 | 1 = 0): number {
  return ((field === 0 ? bits : bits >>> 16) & 0xffff) / 0x10000;
}

/**
 * Value noise: random values at whole coordinates, smoothly interpolated between them.
 * @returns in [-1, 1], with mean 0 and a standard deviation near 0.4
 */
export function valueNoise(x: number, y: number, seed: number): number {
  const [x0, y0] = [Math.floor(x), Math.floor(y)];
  const [u, v] = [smooth(x - x0), smooth(y - y0)];
  const top = mix(hash(x0, y0, seed), hash(x0 + 1, y0, seed), u);
  const bottom = mix(hash(x0, y0 + 1, seed), hash(x0 + 1, y0 + 1, seed), u);
  return mix(top, bottom, v) / 2 ** 31 - 1;
}

/** Three octaves of value noise, the first with a wavelength of 1; roughly in [-1, 1]. */
export function roughNoise(x: number, y: number, seed: number): number {
  const [a, b, c] = [valueNoise(x, y, seed), valueNoise(x * 2, y * 2, seed + 1), valueNoise(x * 4, y * 4, seed + 2)];
  return (a * 4 + b * 2 + c) / 5;
}

/** 0 up to `low`, 1 from `high` on, an S between them. */
export function smoothStep(low: number, high: number, value: number): number {
  return smooth(Math.min(1, Math.max(0, (value - low) / (high - low))));
}

function smooth(t: number): number {
  return t * t * (3 - 2 * t);
}

function mix(a: number, b: number, t: number): number {
  return a + (b - a) * t;
}
