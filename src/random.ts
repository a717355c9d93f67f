import { createHash } from 'node:crypto';

/**
 * Randomness as a function: Philox 4x32-10, a counter-based generator (Salmon et al., SC'11). The n-th number of a key
 * depends on the key and n alone, so a draw is the same in any order, on any thread and on any backend.
 */
export type RandomKey = readonly [number, number];

/** A key made from everything that a draw shall depend on, such as scene, model and seed. */
export function randomKey(...parts: readonly (string | number)[]): RandomKey {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest();
  return [digest.readUInt32LE(0), digest.readUInt32LE(4)];
}

/** The `index`-th number of a key, uniform in the open interval (0, 1), with 32 bits of resolution. */
export function uniform(key: RandomKey, index: number): number {
  const block = philox([index >>> 2, Math.floor(index / 2 ** 34), 0, 0], key);
  return ((block[index & 3] as number) + 0.5) / 2 ** 32;
}

/** The first `count` numbers of a key: the same as `uniform` gives one by one, four times as fast. */
export function firstUniforms(key: RandomKey, count: number): Float64Array {
  const numbers = new Float64Array(count);
  for (let index = 0; index < count; index += 4) {
    const block = philox([index >>> 2, 0, 0, 0], key);
    for (let i = 0; i < 4 && index + i < count; i += 1) numbers[index + i] = ((block[i] as number) + 0.5) / 2 ** 32;
  }
  return numbers;
}

/** A key's numbers one after another, for code that takes as many as it needs. */
export function* uniforms(key: RandomKey): Generator<number, never> {
  for (let index = 0; ; index += 1) yield uniform(key, index);
}

type Block = readonly [number, number, number, number];

/** One block of Philox 4x32-10: four 32-bit words from a 128-bit counter and a 64-bit key. */
export function philox(counter: Block, key: RandomKey): Block {
  let [a, b, c, d] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round += 1) {
    const [x, y] = [a, c];
    a = (multiplyHigh(0xcd9e8d57, y) ^ b ^ k0) >>> 0;
    b = Math.imul(0xcd9e8d57, y) >>> 0;
    c = (multiplyHigh(0xd2511f53, x) ^ d ^ k1) >>> 0;
    d = Math.imul(0xd2511f53, x) >>> 0;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [a, b, c, d];
}

/** The upper half of the 64-bit product of two 32-bit words; JavaScript numbers hold only 53 bits of it. */
function multiplyHigh(x: number, y: number): number {
  const xLow = x & 0xffff;
  const xHigh = x >>> 16;
  const middle = xHigh * (y & 0xffff) + ((xLow * (y & 0xffff)) >>> 16);
  const cross = xLow * (y >>> 16) + (middle % 0x10000);
  return xHigh * (y >>> 16) + Math.floor(middle / 0x10000) + Math.floor(cross / 0x10000);
}
