import { describe, expect, it } from 'vitest';
import { firstUniforms, philox, randomKey, uniform, uniforms } from '../src/random.ts';

describe('philox', () => {
  it('gives the known answers of Philox 4x32-10', () => {
    const hex = (block: readonly number[]) => block.map((word) => word.toString(16).padStart(8, '0')).join(' ');
    const ones = 0xffffffff;
    expect(hex(philox([0, 0, 0, 0], [0, 0]))).toBe('6627e8d5 e169c58d bc57ac4c 9b00dbd8');
    expect(hex(philox([ones, ones, ones, ones], [ones, ones]))).toBe('408f276d 41c83b0e a20bc7c6 6d5451fd');
    expect(hex(philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]))).toBe(
      'd16cfe09 94fdcceb 5001e420 24126ea1',
    );
  });
});

describe('uniform', () => {
  it('depends on key and index alone', () => {
    const key = randomKey('scene', 7);
    const forwards = Array.from({ length: 9 }, (_, i) => uniform(key, i));
    const backwards = Array.from({ length: 9 }, (_, i) => uniform(key, 8 - i)).reverse();
    expect(backwards).toEqual(forwards);
    const other = randomKey('scene', 9);
    const inTurns = Array.from({ length: 9 }, (_, i) => [uniform(other, i), uniform(key, i)][1]);
    expect(inTurns).toEqual(forwards);
    expect(uniform(randomKey('scene', 8), 0)).not.toBe(forwards[0]);
  });

  it('is uniform: each of ten bins gets its share of 20,000 numbers', () => {
    const bins = new Array<number>(10).fill(0);
    const key = randomKey('bins');
    for (let i = 0; i < 20_000; i += 1) bins[Math.floor(uniform(key, i) * 10)]! += 1;
    for (const bin of bins) expect(Math.abs(bin - 2000)).toBeLessThan(4 * Math.sqrt(1800));
  });

  it('counts through blocks of four and past 2^34', () => {
    const key = randomKey('far');
    expect(uniforms(key).next().value).toBe(uniform(key, 0));
    expect(uniform(key, 2 ** 34)).not.toBe(uniform(key, 0));
    expect(uniform(key, 2 ** 32)).not.toBe(uniform(key, 0));
  });
});

describe('firstUniforms', () => {
  it('are the numbers that the key gives one by one', () => {
    const key = randomKey('many');
    for (const count of [0, 1, 3, 4, 5, 1000])
      expect(Array.from(firstUniforms(key, count))).toEqual(Array.from({ length: count }, (_, i) => uniform(key, i)));
  });
});
