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
  const block = philox([Math.floor(index / 4) >>> 0, Math.floor(index / 2 ** 34), 0, 0], key);
  return ((block[index & 3] as number) + 0.5) / 2 ** 32;
}

/** The first `count` numbers of a key: the same as `uniform` gives one by one, much faster, and without garbage. */
export function firstUniforms(key: RandomKey, count: number): Float64Array {
  const numbers = new Float64Array(count);
  const block = new Uint32Array(4);
  for (let index = 0; index < count; index += 4) {
    block.fill(0);
    block[0] = index >>> 2;
    mix(block, key);
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
  const block = Uint32Array.from(counter);
  mix(block, key);
  return [block[0] as number, block[1] as number, block[2] as number, block[3] as number];
}

/** The same in place, on four words; in signed numbers, which V8 keeps without making an object of each. */
function mix(block: Uint32Array, key: RandomKey): void {
  let a = (block[0] as number) | 0;
  let b = (block[1] as number) | 0;
  let c = (block[2] as number) | 0;
  let d = (block[3] as number) | 0;
  let k0 = key[0] | 0;
  let k1 = key[1] | 0;
  for (let round = 0; round < 10; round += 1) {
    const high0 = multiplyHigh(0xd2511f53, a);
    const low0 = Math.imul(0xd2511f53, a);
    const high1 = multiplyHigh(0xcd9e8d57, c);
    const low1 = Math.imul(0xcd9e8d57, c);
    a = high1 ^ b ^ k0;
    b = low1;
    c = high0 ^ d ^ k1;
    d = low0;
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  block[0] = a;
  block[1] = b;
  block[2] = c;
  block[3] = d;
}

/** The upper half of the 64-bit product of two 32-bit words, by halves: JavaScript numbers hold only 53 bits of it. */
function multiplyHigh(x: number, y: number): number {
  const xLow = x & 0xffff;
  const xHigh = x >>> 16;
  const yLow = y & 0xffff;
  const yHigh = y >>> 16;
  const middle = Math.imul(xHigh, yLow);
  const cross = Math.imul(xLow, yHigh);
  const carry = (Math.imul(xLow, yLow) >>> 16) + (middle & 0xffff) + (cross & 0xffff);
  return (Math.imul(xHigh, yHigh) + (middle >>> 16) + (cross >>> 16) + (carry >>> 16)) | 0;
}
