import { describe, expect, it } from 'vitest';
import { halfNumbers } from '../../../src/sources/tiff/half-numbers.ts';

describe('halfNumbers', () => {
  it.each([
    [0x0000, 0],
    [0x8000, -0],
    [0x0001, 2 ** -24],
    [0x03ff, 2 ** -14 - 2 ** -24],
    [0x0400, 2 ** -14],
    [0x3555, 0.333251953125],
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65_504],
    [0x7c00, Number.POSITIVE_INFINITY],
    [0xfc00, Number.NEGATIVE_INFINITY],
    [0x7e00, Number.NaN],
  ])('makes of bits %i the number %f', (bits, number) => {
    expect(halfNumbers(Uint16Array.of(bits))[0]).toBe(number);
  });
});
