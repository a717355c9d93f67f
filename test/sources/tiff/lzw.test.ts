import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lzw } from '../../../src/sources/tiff/lzw.ts';

/** The encoder of TIFF 6.0 page 58, in its plainest form; `clearAt` is the size of the table at which it starts anew. */
function encode(bytes: Uint8Array, clearAt: number): Uint8Array {
  let bits = '';
  let codes = new Map<string, number>();
  let width = 9;
  const put = (code: number) => {
    bits += code.toString(2).padStart(width, '0');
  };
  const clear = () => {
    put(256);
    codes = new Map(Array.from({ length: 256 }, (_, i) => [String.fromCharCode(i), i]));
    codes.set('clear', 256).set('end', 257);
    width = 9;
  };
  clear();
  let omega = '';
  for (const byte of bytes) {
    const longer = omega + String.fromCharCode(byte);
    if (codes.has(longer)) {
      omega = longer;
      continue;
    }
    put(codes.get(omega) ?? 0);
    codes.set(longer, codes.size);
    width = Math.max(width, Math.min(12, Math.ceil(Math.log2(codes.size + 1))));
    if (codes.size === clearAt) clear();
    omega = String.fromCharCode(byte);
  }
  if (omega !== '') put(codes.get(omega) ?? 0);
  put(257);
  return Uint8Array.from(bits.match(/.{1,8}/g) ?? [], (octet) => Number.parseInt(octet.padEnd(8, '0'), 2));
}

describe('lzw', () => {
  it('gives back what was encoded, whatever it is', () => {
    const few = fc.uint8Array({ max: 3, maxLength: 20_000, size: 'max' });
    const many = fc.uint8Array({ maxLength: 20_000, size: 'max' });
    fc.assert(
      fc.property(fc.oneof(few, many), fc.constantFrom(4094, 4093, 600), (bytes, clearAt) => {
        expect(Buffer.compare(lzw(encode(bytes, clearAt), bytes.length), bytes)).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  it('makes long runs of little', () => {
    const bytes = new Uint8Array(100_000).fill(7);
    expect(Buffer.compare(lzw(encode(bytes, 4094), bytes.length), bytes)).toBe(0);
  });

  it('never makes more than is wanted', () => {
    expect(lzw(encode(new Uint8Array(1000), 4094), 10)).toHaveLength(10);
  });

  it.each([
    ['that ends too early', encode(new Uint8Array(5), 4094), 'after 5 of 6 bytes'],
    ['of nothing', new Uint8Array(), 'after 0 of 6 bytes'],
    ['with a code that cannot be', Uint8Array.of(0x80, 0x7f, 0xff, 0xff), 'LZW code'],
  ])('refuses a stream %s', (_, bytes, message) => {
    expect(() => lzw(bytes, 6)).toThrow(message);
  });
});
